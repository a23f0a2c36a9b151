#!/usr/bin/env bash
# Makes what tests/capi/api.c wants with the real commands, and runs it: api.sh BIN. expected.npy is what hone-target run says.
set -euo pipefail
bin=$1
source=$(cd "$(dirname "$0")/../.." && pwd)
[ -d /usr/share/datasets/fashion-mnist ] || { echo "skipped: needs Debian's dataset-fashion-mnist"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export PATH="$bin:$PATH"
hone keygen -o K -q
hone keygen -o stranger -q
golden() { echo --golden /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz --mean 0.286 --std 0.353 --golden-samples 1; }
pack() { hone pack "$source/testdata/models/$1.onnx" --key K.key --name fm --version "$2" --counter "$3" $(golden) -q -o "$4" "${@:5}"; }
printf '[latency]\nmax_p90_us = 0.001\n' >slow.toml
pack fmnist_resnet8 1.0 1 a.hone
pack fmnist_resnet8_v2 1.1 2 b.hone
pack fmnist_resnet8 1.2 3 c.hone
pack fmnist_resnet8 1.3 4 slow.hone --gate slow.toml
pack fmnist_resnet8 1.4 5 d.hone
pack fmnist_resnet8 1.5 6 e.hone
pack fmnist_resnet8 1.6 7 f.hone
cat >shapes.txt <<'M'
<ir_version: 8, opset_import: ["" : 17]>
shapes (float[N,2] a, int64[1] n) => (float[N,2] sum, float[M] grown) <float one = {1}>
{
  sum = Add (a, one)
  grown = Expand (one, n)
}
M
hone convert shapes.txt -o shapes.onnx -q
hone pack shapes.onnx --key K.key --name shapes --version 1.0 --counter 1 -o shapes.hone -q
hone-target install a.hone --store store --pub K.pub --factory -q
hone-target install shapes.hone --store shapes --pub K.pub --factory -q
# The identity and the recipient that age's specification shows.
printf 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX\n' >identity
chmod 600 identity
pack fmnist_resnet8 1.0 1 sealed.hone --recipient age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj
hone-target install sealed.hone --store sealed --pub K.pub --factory --identity identity -q
mkdir empty
hone keyring --root K.pub --release K.pub --counter 1 --key K.key -o 1.keyring -q
hone-target install a.hone --store keyring --keyring 1.keyring --factory -q
hone unpack a.hone --pub K.pub -o a -q
cp a/golden/0/input_*.npy image.npy
hone-target run --store store -i image.npy -o expected.npy -q
# The active release's own weights damaged, those of the one before whole.
hone-target install a.hone --store damaged --pub K.pub --factory -q
hone-target install b.hone --store damaged -q
hone-target trial --store damaged --commit -q
hone unpack b.hone --pub K.pub -o b -q
printf x | dd of="damaged/objects/$(sha256sum <b/model.weights | cut -c1-64)" bs=1 seek=5000 conv=notrunc status=none
: >said
"$bin/test_capi" || { tail -n 30 said; exit 1; }
