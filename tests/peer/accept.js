// SPDX-License-Identifier: Apache-2.0
// accept.js FOLDER: every model in the folder must load in ONNX Runtime. Prints those that do not, and why; a type or operator that
// ONNX Runtime itself lacks (NOT_IMPLEMENTED) is no fault of the file.
const fs = require('fs');
const ort = require(process.env.HONE_PEER + '/node_modules/onnxruntime-node');

async function main() {
  const folder = process.argv[2];
  let accepted = 0, lacking = 0, refused = 0;
  for (const file of fs.readdirSync(folder).filter((f) => f.endsWith('.onnx')).sort()) {
    try {
      const session = await ort.InferenceSession.create(folder + '/' + file, {intraOpNumThreads: 1, logSeverityLevel: 4});
      await session.release();
      ++accepted;
    } catch (e) {
      const lacks = /NOT_IMPLEMENTED|Could not find an implementation|under development/.test(e.message);
      if (lacks) ++lacking;
      else ++refused, console.log(`${file}: ${e.message}`);
    }
  }
  console.log(`${accepted} accepted, ${lacking} beyond ONNX Runtime, ${refused} refused`);
  process.exit(accepted > 0 && refused === 0 ? 0 : 1);
}
main();
