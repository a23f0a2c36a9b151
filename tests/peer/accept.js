// SPDX-License-Identifier: Apache-2.0
// accept.js FOLDER: every NAME-OPSET.onnx in the folder must load in ONNX Runtime, which must also accept the original, NAME-0.onnx:
// what it refuses there is its own limit. Prints the others, and why.
const fs = require('fs');
const ort = require(process.env.HONE_PEER + '/node_modules/onnxruntime-node');

async function refusal(file) {
  try {
    const session = await ort.InferenceSession.create(file, {intraOpNumThreads: 1, logSeverityLevel: 4});
    await session.release();
    return '';
  } catch (e) {
    return e.message;
  }
}

async function main() {
  const folder = process.argv[2] + '/', originals = new Map();
  let accepted = 0, beyond = 0, refused = 0;
  for (const file of fs.readdirSync(folder).filter((f) => f.endsWith('.onnx') && !f.endsWith('-0.onnx')).sort()) {
    const original = file.replace(/-[0-9]+\.onnx$/, '-0.onnx');
    if (!originals.has(original)) originals.set(original, await refusal(folder + original));
    if (originals.get(original)) {
      ++beyond;
      continue;
    }
    const why = await refusal(folder + file);
    if (/Could not find an implementation/.test(why)) {
      ++beyond;  // a type that only a newer form of the operator has there
      continue;
    }
    why ? ++refused : ++accepted;
    if (why) console.log(`${file}: ${why}`);
  }
  console.log(`${accepted} accepted, ${beyond} beyond ONNX Runtime, ${refused} refused`);
  process.exit(accepted > 0 && refused === 0 ? 0 : 1);
}
main();
