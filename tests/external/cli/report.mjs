// The contact sheet of sync in a real headless Chromium.
//
//     node report.mjs report.html SCREENSHOT.png /usr/bin/chromium

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const puppeteer = require('puppeteer-core');

const [report, screenshot, executablePath] = process.argv.slice(2);
const browser = await puppeteer.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
try {
  const page = await browser.newPage();
  const url = pathToFileURL(report).href;
  const outside = [];
  const problems = [];
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) outside.push(request.url());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('dialog', () => problems.push('a name became a script'));
  for (const width of [1200, 360]) {
    await page.setViewport({ width, height: 800 });
    await page.goto(url);
    const seen = await page.evaluate(async () => {
      const text = (selector) =>
        [...document.querySelectorAll(selector)].map((item) => item.textContent.trim());
      const images = [...document.querySelectorAll('.photos img')];
      await Promise.all(images.map((image) => image.decode()));
      return {
        headings: text('h2'),
        photos: text('.photos li'),
        sides: images.map((image) => [image.naturalWidth, image.naturalHeight]),
        without: text('.none li'),
        failed: text('tbody tr'),
        scripts: document.scripts.length,
        overflow: document.documentElement.scrollWidth > innerWidth,
      };
    });
    assert.deepEqual(seen.headings, ['Failed (1)', 'Photos (2)', 'Without a photo (2)']);
    assert.deepEqual(seen.sides, [[72, 72], [72, 72]]);
    assert.match(seen.photos[0], /^Adele <script>alert\(1\)<\/script>adele@contoso\.com$/);
    assert.match(seen.photos[1], /^megan@contoso\.com$/);
    assert.deepEqual(seen.without, ['lidia@contoso.com', 'nomailbox@contoso.com (no mailbox)']);
    assert.equal(seen.failed.length, 1);
    assert.match(seen.failed[0], /^alex@contoso\.com.*HTTP 400/s);
    assert.equal(seen.scripts, 0);
    assert.equal(seen.overflow, false, `scrolls sideways at ${width} pixels`);
  }
  await page.screenshot({ path: screenshot, fullPage: true });
  assert.deepEqual(outside, []);
  assert.deepEqual(problems, []);
  console.log('report: ok');
} finally {
  await browser.close();
}
