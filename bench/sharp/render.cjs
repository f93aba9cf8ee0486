// Renders a picture with sharp as people do who need several sizes: one pipeline for each, here on one thread. Prints how long
// the second run took, in milliseconds, and how many bytes each size has.
'use strict';

const fs = require('node:fs');
const { createRequire } = require('node:module');
const sharp = createRequire(`${process.env.VITRINE_SHARP_PACKAGES}/`)('sharp');

const SIZES = [2048, 1280, 640, 320];

sharp.concurrency(1);
sharp.cache(false);

async function render(picture) {
  const bytes = {};
  for (const size of SIZES) {
    const pipeline = sharp(picture)
      .autoOrient()
      .resize(size, size, { fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: 80, chromaSubsampling: '4:2:0' });
    bytes[size] = (await pipeline.toBuffer()).length;
  }
  return bytes;
}

(async () => {
  const picture = fs.readFileSync(process.argv[2]);
  await render(picture);
  const start = process.hrtime.bigint();
  const bytes = await render(picture);
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  process.stdout.write(JSON.stringify({ milliseconds, bytes, version: sharp.versions.sharp }));
})();
