// The emulator's page in a real headless Chromium, and Microsoft's JavaScript
// SDK in one, on a page of another origin.
//
//     node browser.mjs http://127.0.0.1:8787 /usr/bin/chromium

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const puppeteer = require('puppeteer-core');

const [root, executablePath] = process.argv.slice(2);
const browser = await puppeteer.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});

try {
  await theGallery();
  await withoutAMouse();
  await theSdkOfAnotherOrigin();
  console.log('browser: ok');
} finally {
  await browser.close();
}

async function open() {
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  const outside = [];
  const problems = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!/^(data|blob):/.test(url) && !url.startsWith(`${root}/`)) outside.push(url);
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(`${root}/`);
  await page.waitForSelector('body[data-ready=true]');
  return { page, outside, problems };
}

// Every picture of an owner: its size as decoded, and what it looks like.
function pictures(page, path) {
  return page.$eval(`li[data-path="${path}"]`, (item) =>
    [...item.querySelectorAll('img')].map((img) => {
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 1;
      const context = canvas.getContext('2d');
      context.drawImage(img, 0, 0, 1, 1);
      return {
        complete: img.complete,
        width: img.naturalWidth,
        caption: img.nextElementSibling.textContent,
        colour: [...context.getImageData(0, 0, 1, 1).data],
      };
    }));
}

async function theGallery() {
  const { page, outside, problems } = await open();
  const owners = await page.$$eval('#owners > li', (items) => items.map((i) => i.dataset.path));
  assert.equal(owners.length, 6 + 4 + 3, owners.join());

  // Every picture decoded, in the size that stands under it.
  const adele = await pictures(page, '/users/adele@contoso.com');
  assert.deepEqual(adele.map((p) => p.caption), ['largest', '48x48', '64x64', '96x96', '120x120',
    '240x240', '360x360', '432x432', '504x504', '648x648']);
  assert.ok(adele.every((p) => p.complete && p.width > 0), JSON.stringify(adele));
  for (const { caption, width } of adele.slice(1)) assert.equal(`${width}x${width}`, caption);
  assert.equal((await pictures(page, '/users/megan@contoso.com'))[0].width, 256);
  assert.equal((await pictures(page, '/users/lidia@contoso.com')).length, 0);

  // Drop a picture on adele: another one is shown, in every size of it.
  const change = async (action) => {
    const card = 'li[data-path="/users/adele@contoso.com"]';
    const before = await page.$eval(card, (item) => item.dataset.etag);
    await action();
    await page.waitForFunction((selector, etag) =>
      document.querySelector(selector).dataset.etag !== etag, {}, card, before);
  };
  const drop = () => page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 120;
    const context = canvas.getContext('2d');
    context.fillStyle = 'rgb(250, 10, 10)';
    context.fillRect(0, 0, 120, 120);
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/png'));
    const transfer = new DataTransfer();
    transfer.items.add(new File([blob], 'red.png', { type: 'image/png' }));
    document.querySelector('li[data-path="/users/adele@contoso.com"]').dispatchEvent(
      new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  });
  await change(drop);
  const red = await pictures(page, '/users/adele@contoso.com');
  assert.deepEqual(red.map((p) => p.width), [120, 48, 64, 96, 120]);
  for (const { colour: [r, g, b] } of red) assert.ok(r > 230 && g < 40 && b < 40, `${r},${g},${b}`);
  await page.waitForSelector('#log tr');
  const row = await page.$eval('#log tr', (tr) => [...tr.cells].map((c) => c.textContent));
  assert.deepEqual(row.slice(1, 4), ['PUT', '/v1.0/users/adele@contoso.com/photo/$value', '200']);

  // What is no picture is refused in Graph's words, and changes nothing.
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['no picture'], 'x.jpg', { type: 'image/jpeg' }));
    document.querySelector('li[data-path="/users/adele@contoso.com"]').dispatchEvent(
      new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  });
  await page.waitForFunction(() =>
    document.getElementById('status').textContent.includes("isn't an image"));

  // A request from elsewhere turns up in the log, a fault in the list.
  await fetch(`${root}/v1.0/groups/nobody/photo`, { headers: { Authorization: 'Bearer x' } });
  await page.waitForFunction(() =>
    document.getElementById('log').textContent.includes('/v1.0/groups/nobody/photo'));
  const body = JSON.stringify('kind=status,status=503,path=/groups/*');
  await fetch(`${root}/_emulator/faults`, { method: 'PUT', body });
  await page.waitForFunction(() =>
    document.getElementById('faults').textContent.includes('kind=status,status=503'));
  await page.click('#clear-faults');
  await page.waitForFunction(() => document.getElementById('faults').textContent === 'none');

  // Another process deletes: the page sees it.
  await change(() => fetch(`${root}/v1.0/me/photo/$value`,
    { method: 'DELETE', headers: { Authorization: 'Bearer x' } }));
  assert.equal((await pictures(page, '/users/adele@contoso.com')).length, 0);

  assert.deepEqual(outside, [], 'the page fetches nothing from outside');
  const expected = problems.filter((p) => !p.includes('500 (Internal Server Error)'));
  assert.deepEqual(expected, []);
  await page.close();
}

// Tab to a button, press it, choose a file; then delete with the keyboard too.
async function withoutAMouse() {
  const { page } = await open();
  const focus = async (label) => {
    for (let n = 0; n < 200; n += 1) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => document.activeElement.getAttribute('aria-label'));
      if (at === label) return;
    }
    throw new Error(`Tab never reached "${label}"`);
  };
  const picture = Buffer.from(await (await fetch(`${root}/v1.0/users/alex@contoso.com/photo/$value`,
    { headers: { Authorization: 'Bearer x' } })).arrayBuffer());
  const { mkdtemp, writeFile, rm } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const directory = await mkdtemp(`${tmpdir()}/graph-photo-`);
  await writeFile(`${directory}/alex.jpg`, picture);

  await focus('Upload a photo of Lidia Holloway');
  // The page learns that choosers are taken over by another way than it learns of keys: without an
  // answer from it in between, a key can come first on a busy machine, and opens a dialog for nobody.
  const choosing = page.waitForFileChooser();
  await page.evaluate(() => document.hasFocus());
  await page.keyboard.press('Enter');
  const chooser = await choosing;
  await chooser.accept([`${directory}/alex.jpg`]);
  const lidia = 'li[data-path="/users/lidia@contoso.com"]';
  await page.waitForSelector(`${lidia} img`);
  assert.equal((await pictures(page, '/users/lidia@contoso.com'))[0].width, 504);
  await page.waitForFunction(() =>
    document.getElementById('status').textContent === 'Photo of Lidia Holloway uploaded.');

  await focus('Delete the photo of Lidia Holloway');
  await page.keyboard.press('Enter');
  await page.waitForFunction((selector) => !document.querySelector(`${selector} img`), {}, lidia);

  await page.focus('#fault');
  await page.keyboard.type('kind=fire');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() =>
    document.getElementById('status').textContent.includes('kind must be one of'));
  await rm(directory, { recursive: true });
  await page.close();
}

// The SDK's browser build on a page that the emulator does not serve: it gets
// through by the headers that Graph sends to pages of any origin.
async function theSdkOfAnotherOrigin() {
  const bundle = require.resolve('@microsoft/microsoft-graph-client/lib/graph-js-sdk.js');
  const script = await readFile(bundle);
  const server = createServer((request, response) => {
    const js = request.url === '/sdk.js';
    response.setHeader('Content-Type', js ? 'text/javascript' : 'text/html');
    response.end(js ? script : '<!doctype html><title>app</title><script src="/sdk.js"></script>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const seen = await page.evaluate(async (base) => {
    /* global MicrosoftGraph */
    const { BatchRequestContent, BatchResponseContent, Client, HTTPMessageHandler } = MicrosoftGraph;
    const http = new HTTPMessageHandler();
    const graph = Client.initWithMiddleware({
      baseUrl: `${base}/`,
      middleware: {
        async execute(context) {
          const headers = { ...context.options.headers, Authorization: 'Bearer x' };
          context.options.headers = headers;
          await http.execute(context);
        },
      },
    });
    const metadata = await graph.api('/users/alex@contoso.com/photo').get();
    const blob = await graph.api('/users/alex@contoso.com/photo/$value').get();
    const decoded = await createImageBitmap(blob);
    const photo = '/users/lidia@contoso.com/photo/$value';
    const steps = [
      {
        id: '1',
        request: new Request(photo, {
          method: 'PUT', headers: { 'Content-Type': 'image/jpeg' }, body: blob,
        }),
      },
      { id: '2', request: new Request(photo, { method: 'GET' }), dependsOn: ['1'] },
    ];
    const batch = await new BatchRequestContent(steps).getContent();
    const answers = new BatchResponseContent(await graph.api('/$batch').post(batch));
    const base64 = await answers.getResponseById('2').text();
    const again = await createImageBitmap(await (await fetch(`data:image/jpeg;base64,${base64}`)).blob());
    await graph.api(photo).delete();
    const missing = await graph.api(photo).get().catch((error) => error.code);
    return {
      metadata: metadata.width, decoded: decoded.width, again: again.width,
      uploaded: answers.getResponseById('1').status, missing,
    };
  }, root);
  assert.deepEqual(seen,
    { metadata: 504, decoded: 504, again: 504, uploaded: 200, missing: 'ImageNotFound' });
  await page.close();
  server.close();
}
