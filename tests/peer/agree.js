// SPDX-License-Identifier: Apache-2.0
// agree.js images [COUNT]: writes images.npy, the first COUNT (2000) Fashion-MNIST test images as the model wants them.
// agree.js compare: runs model.onnx on them in ONNX Runtime and counts how often its class is that of hone.npy.
const fs = require('fs');
const zlib = require('zlib');
const count = process.argv[2] === 'images' && process.argv[3] ? Number(process.argv[3]) : 2000, pixels = 28 * 28, folder = '/usr/share/datasets/fashion-mnist/';

function npy(shape, floats) {
  let header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  header += ' '.repeat(63 - (10 + header.length) % 64) + '\n';
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY\x01\x00', 'latin1');
  head.writeUInt16LE(header.length, 8);
  return Buffer.concat([head, Buffer.from(header, 'latin1'), Buffer.from(floats.buffer)]);
}

function readNpy(file) {
  const bytes = fs.readFileSync(file);
  if (bytes.toString('latin1', 1, 6) !== 'NUMPY') throw new Error(file + ' is no .npy file');
  const start = 10 + bytes.readUInt16LE(8);
  const body = bytes.subarray(start);
  return new Float32Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.length));
}

function images() {
  const raw = zlib.gunzipSync(fs.readFileSync(folder + 't10k-images-idx3-ubyte.gz')).subarray(16);
  const floats = new Float32Array(count * pixels);
  for (let i = 0; i < floats.length; ++i) floats[i] = (raw[i] / 255 - 0.286) / 0.353;
  fs.writeFileSync('images.npy', npy([count, 1, 28, 28], floats));
}

const argmax = (row) => row.reduce((best, x, i) => (x > row[best] ? i : best), 0);

async function compare() {
  const ort = require(process.env.HONE_PEER + '/node_modules/onnxruntime-node');
  const session = await ort.InferenceSession.create('model.onnx', {intraOpNumThreads: 1});
  const input = readNpy('images.npy'), ours = readNpy('hone.npy');
  const classes = ours.length / count, batch = 100;
  let same = 0, worst = 0;
  for (let begin = 0; begin < count; begin += batch) {
    const feed = new ort.Tensor('float32', input.subarray(begin * pixels, (begin + batch) * pixels), [batch, 1, 28, 28]);
    const theirs = Object.values(await session.run({[session.inputNames[0]]: feed}))[0].data;
    for (let i = 0; i < batch; ++i) {
      const a = ours.subarray((begin + i) * classes, (begin + i + 1) * classes), b = theirs.subarray(i * classes, (i + 1) * classes);
      same += argmax(a) === argmax(b) ? 1 : 0;
      for (let k = 0; k < classes; ++k) worst = Math.max(worst, Number.isFinite(a[k] - b[k]) ? Math.abs(a[k] - b[k]) : Infinity);
    }
  }
  const share = same / count;
  console.log(`agreement ${(100 * share).toFixed(2)} % of ${count}, largest output difference ${worst.toPrecision(3)}`);
  process.exit(worst < Infinity && share >= Number(process.argv[3] || 0.995) ? 0 : 1);
}

if (process.argv[2] === 'images') images();
else compare();
