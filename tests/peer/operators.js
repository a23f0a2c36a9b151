// SPDX-License-Identifier: Apache-2.0
// operators.js HONE [TEXT]: runs small models in ONNX Runtime and in Hone, by its reference loops and by its executor, on the same
// random inputs, and compares. TEXT: only cases whose name contains it. Works in the current folder.
//
// Cases: every "## name {options}" of tests/peer/operators/*.txt. Options:
//   range [low, high]  of random floats [-2, 2]      rtol, atol  of floats [1e-4, 1e-5]
//   share S            at most this share of an integer output's elements may differ, by one step [0]
//   differs [A, B]     Hone runs the model with A replaced by B and must NOT agree: shows that the comparison can fail
const fs = require('fs');
const path = require('path');
const {spawnSync} = require('child_process');
const ort = require(process.env.HONE_PEER + '/node_modules/onnxruntime-node');
const [hone, only] = process.argv.slice(2);
const header = '<ir_version: 10, opset_import: ["" : 21, "com.microsoft" : 1]>\n';

function halfToFloat(h) {
  const sign = h & 0x8000 ? -1 : 1, exponent = (h >> 10) & 31, fraction = h & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}
// REQUIRES: a half represents f exactly.
function floatToHalf(f) {
  if (f === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(f)));
  return (f < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | ((Math.abs(f) / 2 ** exponent - 1) * 1024);
}

// ONNX Runtime's name of a type: numpy's name of it, the array of its elements.
const types = {
  float32: ['<f4', Float32Array], float64: ['<f8', Float64Array], float16: ['<f2', Uint16Array], int8: ['|i1', Int8Array], uint8: ['|u1', Uint8Array],
  int16: ['<i2', Int16Array], uint16: ['<u2', Uint16Array], int32: ['<i4', Int32Array], int64: ['<i8', BigInt64Array], bool: ['|b1', Uint8Array],
};

function random(seed) {  // xorshift32
  let x = 2463534242;
  for (const c of seed) x = Math.imul(x ^ c.charCodeAt(0), 16777619) >>> 0 || 1;
  return () => {
    x ^= x << 13; x >>>= 0; x ^= x >>> 17; x ^= x << 5; x >>>= 0;
    return x / 2 ** 32;
  };
}

function randomData(type, count, [low, high], next) {
  const data = new types[type][1](count);
  for (let i = 0; i < count; ++i) {
    const u = next();
    if (type === 'float32' || type === 'float64') data[i] = low + u * (high - low);
    else if (type === 'float16') data[i] = floatToHalf(Math.round((low + u * (high - low)) * 64) / 64);
    else if (type === 'int8') data[i] = Math.floor(u * 256) - 128;
    else if (type === 'bool') data[i] = u < 0.5 ? 0 : 1;
    else if (type === 'uint8') data[i] = Math.floor(u * 256);
    else throw new Error(`a random ${type} input makes no sense: give a constant`);
  }
  return data;
}

function npy(type, dims, data) {
  let head = `{'descr': '${types[type][0]}', 'fortran_order': False, 'shape': (${dims.join(', ')}${dims.length === 1 ? ',' : ''}), }`;
  head += ' '.repeat(63 - (10 + head.length) % 64) + '\n';
  const start = Buffer.alloc(10);
  start.write('\x93NUMPY\x01\x00', 'latin1');
  start.writeUInt16LE(head.length, 8);
  return Buffer.concat([start, Buffer.from(head, 'latin1'), Buffer.from(data.buffer)]);
}

// The arrays of a stored .npz, by name.
function readNpz(file) {
  const bytes = fs.readFileSync(file), arrays = {};
  for (let at = 0; bytes.readUInt32LE(at) === 0x04034b50;) {
    const name = bytes.readUInt16LE(at + 26), extra = bytes.readUInt16LE(at + 28), size = bytes.readUInt32LE(at + 18), begin = at + 30 + name + extra;
    const body = bytes.subarray(begin, begin + size), start = 10 + body.readUInt16LE(8), head = body.toString('latin1', 10, start);
    const type = Object.keys(types).find((t) => head.includes(`'${types[t][0]}'`));
    const raw = new Uint8Array(body.subarray(start)).buffer;
    const dims = head.match(/\((.*?)\)/)[1].split(',').filter((d) => d.trim()).map(Number);
    arrays[bytes.toString('latin1', at + 30, at + 30 + name).replace(/\.npy$/, '')] = {type, dims, data: new types[type][1](raw)};
    at = begin + size;
  }
  return arrays;
}

// What is wrong with ours; an empty string when nothing is.
function difference(name, ours, theirs, options) {
  if (!ours) return `${name}: no output`;
  if (ours.type !== theirs.type) return `${name}: type ${ours.type}, the peer's is ${theirs.type}`;
  if (ours.dims.join() !== theirs.dims.join()) return `${name}: shape ${ours.dims}, the peer's is ${theirs.dims}`;
  const real = theirs.type.startsWith('float'), value = (t, i) => (theirs.type === 'float16' ? halfToFloat(t.data[i]) : Number(t.data[i]));
  const rtol = options.rtol ?? 1e-4, atol = options.atol ?? 1e-5;
  let off = 0;
  for (let i = 0; i < theirs.data.length; ++i) {
    const a = value(ours, i), b = value(theirs, i);
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    const bad = real ? !(Math.abs(a - b) <= atol + rtol * Math.abs(b)) : Math.abs(a - b) > (options.share ? 1 : 0);
    if (bad) return `${name}[${i}] is ${a}, the peer's is ${b}`;
    off += real ? 0 : 1;
  }
  return off > (options.share ?? 0) * theirs.data.length ? `${name}: ${off} of ${theirs.data.length} elements differ by a step` : '';
}

function* cases() {
  const folder = path.join(__dirname, 'operators');
  for (const file of fs.readdirSync(folder).sort())
    for (const part of fs.readFileSync(path.join(folder, file), 'utf8').split(/^## /m).slice(1)) {
      const [, name, options] = part.match(/^(.*?)\s*(\{.*\})?\n/);
      yield {name: `${path.basename(file, '.txt')}: ${name}`, text: header + part.slice(part.indexOf('\n') + 1), options: options ? JSON.parse(options) : {}};
    }
}

function runHone(args) {
  const done = spawnSync(hone, args, {encoding: 'utf8'});
  return done.status === 0 ? '' : `hone ${args[0]}: status ${done.status}: ${done.stderr.trim()}`;
}

async function check({name, text, options}) {
  fs.writeFileSync('m.txt', text);
  const wrong = runHone(['convert', 'm.txt', '-o', 'm.onnx', '--force', '-q']);
  if (wrong) return wrong;
  const session = await ort.InferenceSession.create('m.onnx', {intraOpNumThreads: 1, graphOptimizationLevel: 'disabled', logSeverityLevel: 4});
  const next = random(name), feeds = {}, inputs = [];
  for (const {name: input, type, shape} of session.inputMetadata) {
    const data = randomData(type, shape.reduce((a, b) => a * b, 1), options.range ?? [-2, 2], next);
    fs.writeFileSync(input + '.npy', npy(type, shape, data));
    inputs.push('-i', `${input}=${input}.npy`);
    feeds[input] = new ort.Tensor(type, data, shape);
  }
  const theirs = await session.run(feeds);
  let model = 'm.onnx';
  if (options.differs) {
    if (!text.includes(options.differs[0])) return `'${options.differs[0]}' is not in the model`;
    fs.writeFileSync((model = 'm.txt'), text.replace(options.differs[0], options.differs[1]));
  }
  for (const tier of [['--reference'], []]) {
    const failed = runHone(['run', model, ...inputs, ...tier, '-o', 'out.npz', '--force', '-q']);
    if (failed) return failed;
    const ours = readNpz('out.npz');
    const found = session.outputNames.map((o) => difference(o, ours[o], theirs[o], options)).find((d) => d) ?? '';
    if (options.differs ? !found : found) return `${tier[0] ?? 'executor'}: ${found || 'agrees, although the models differ'}`;
  }
  return '';
}

(async () => {
  let passed = 0, failed = 0;
  for (const c of cases()) {
    if (only && !c.name.includes(only)) continue;
    let wrong;
    try {
      wrong = await check(c);
    } catch (e) {
      wrong = 'the peer refuses it: ' + e.message;
    }
    wrong ? ++failed : ++passed;
    if (wrong) console.log(`FAILED ${c.name}: ${wrong}`);
  }
  console.log(`${passed} agree, ${failed} failed`);
  process.exit(failed || !passed ? 1 : 0);
})();
