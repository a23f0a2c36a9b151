// SPDX-License-Identifier: Apache-2.0
// peer.js HONE MODEL...: latency of each model in Hone and in ONNX Runtime, one thread, in alternating rounds of one run, so
// that a drifting clock touches both alike. Prints the median of each and the median of the rounds' ratios (under 1: Hone is
// faster). Symbolic dimensions are 1. Needs scripts/setup test (onnxruntime-node in build/peer).
const {execFileSync} = require('child_process');
const fs = require('fs'), os = require('os'), path = require('path');
const peer = process.env.HONE_PEER || path.join(__dirname, '..', 'build', 'peer');
const ort = require(peer + '/node_modules/onnxruntime-node');
const rounds = 7, seconds = 0.25;
const [hone, ...models] = process.argv.slice(2);
const arrays = {float32: Float32Array, int64: BigInt64Array, int32: Int32Array, uint8: Uint8Array, int8: Int8Array, bool: Uint8Array};
const median = (xs) => [...xs].sort((a, b) => a - b)[Math.floor(xs.length / 2)];

function feeds(session) {
  const out = {};
  for (const m of session.inputMetadata) {
    const shape = m.shape.map((d) => (typeof d === 'number' && d > 0 ? d : 1));
    const count = shape.reduce((a, b) => a * b, 1);
    const data = new arrays[m.type](count);
    if (m.type === 'float32') for (let i = 0; i < count; ++i) data[i] = Math.sin(i * 0.37);
    out[m.name] = new ort.Tensor(m.type, data, shape);
  }
  return out;
}

async function theirs(session, feed) {
  const times = [], end = process.hrtime.bigint() + BigInt(seconds * 1e9);
  while (times.length < 10 || process.hrtime.bigint() < end) {
    const begin = process.hrtime.bigint();
    await session.run(feed);
    times.push(Number(process.hrtime.bigint() - begin) / 1e3);
  }
  return median(times);
}

function ours(model) {
  const file = path.join(os.tmpdir(), `hone-peer-${process.pid}.json`);
  execFileSync(hone, ['bench', model, '--threads', '1', '--runs', '100', '-q', `--json=${file}`], {stdio: ['ignore', 'ignore', 'inherit']});
  const result = JSON.parse(fs.readFileSync(file));
  fs.unlinkSync(file);
  return result.median_us;
}

async function main() {
  console.log('model'.padEnd(28), 'hone us'.padStart(10), 'ORT us'.padStart(10), 'ratio'.padStart(7));
  let product = 0, counted = 0;
  for (const model of models) {
    const label = path.basename(model) === 'model.onnx' ? path.basename(path.dirname(model)) : path.basename(model, '.onnx');
    try {
      const session = await ort.InferenceSession.create(model, {intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential'});
      const feed = feeds(session);
      await theirs(session, feed);
      const a = [], b = [];
      for (let i = 0; i < rounds; ++i) a.push(ours(model)), b.push(await theirs(session, feed));
      const ratio = median(a.map((x, i) => x / b[i]));
      product += Math.log(ratio), ++counted;
      console.log(label.padEnd(28), median(a).toFixed(1).padStart(10), median(b).toFixed(1).padStart(10), ratio.toFixed(2).padStart(7));
    } catch (e) {
      console.log(label.padEnd(28), 'not measured:', String(e.message).split('\n')[0].slice(0, 100));
    }
  }
  if (counted > 1) console.log('geometric mean of the ratios'.padEnd(50), Math.exp(product / counted).toFixed(2).padStart(7));
}
main();
