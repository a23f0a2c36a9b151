// SPDX-License-Identifier: Apache-2.0
// goldens.js FOLDER: runs FOLDER/NAME.onnx (no inputs) in ONNX Runtime for every NAME and compares the outputs with FOLDER/NAME.txt, which
// is what Hone printed for it: `float[2] y = {1, 2}`, one a line. One line a model: `NAME same`, `NAME cannot <why>` when ONNX Runtime has
// no such operator or type, or, for each output that is not the same, `NAME differs <output> <ours> <theirs>`.
const fs = require('fs');
const path = require('path');
const ort = require(process.env.HONE_PEER + '/node_modules/onnxruntime-node');
const folder = process.argv[2];

// The lines of `text` as a map of output name to {dims, values: [string or number]}.
function parse(text) {
  const outputs = new Map();
  for (const line of text.split('\n')) {
    const match = /^(\w+)(?:\[([\d,]*)\])? (\S+) = \{(.*)\}$/.exec(line);
    if (!match) continue;
    const body = match[4] === '' ? [] : match[1] === 'string' ? JSON.parse('[' + match[4] + ']') : match[4].split(', ').map(number);
    outputs.set(match[3], {dims: match[2] ? match[2].split(',').map(Number) : [], values: body});
  }
  return outputs;
}
const number = (text) => ({nan: NaN, '-nan': NaN, inf: Infinity, '-inf': -Infinity}[text] ?? Number(text));

function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent ? sign * (1 + fraction / 1024) * 2 ** (exponent - 15) : sign * fraction * 2 ** -24;
}

const same = (a, b) => a === b || (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) <= 1e-5 + 1e-3 * Math.abs(b);

async function check(name) {
  const wanted = parse(fs.readFileSync(path.join(folder, name + '.txt'), 'utf8'));
  let got;
  try {
    const session = await ort.InferenceSession.create(path.join(folder, name + '.onnx'), {intraOpNumThreads: 1, logSeverityLevel: 4});
    got = await session.run({});
  } catch (error) {
    return `${name} cannot ${String(error.message).split('\n')[0]}`;
  }
  const lines = [];
  for (const [output, {dims, values}] of wanted) {
    const theirs = got[output];
    if (theirs.dims.join() !== dims.join()) {
      lines.push(`${name} differs ${output} [${dims}] [${theirs.dims}]`);
      continue;
    }
    const data = Array.from(theirs.data, (v) => (theirs.type === 'string' ? v : theirs.type === 'float16' && theirs.data instanceof Uint16Array ? half(v) : Number(v)));
    if (!values.every((v, i) => same(v, data[i]))) lines.push(`${name} differs ${output} ${values} ${data}`);
  }
  return lines.length ? lines.join('\n') : `${name} same`;
}

(async () => {
  for (const file of fs.readdirSync(folder).filter((f) => f.endsWith('.onnx')).sort()) console.log(await check(path.basename(file, '.onnx')));
})();
