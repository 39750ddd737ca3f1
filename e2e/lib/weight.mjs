// Weight and paint of one page on the test phone: CPU slowed six times, 400 kbit/s, 400 ms.

/** The test phone. */
const PHONE = { slowdown: 6, kilobitsPerSecond: 400, roundTripMs: 400 };

/** What a first visit may cost (kilobytes as sent, seconds). */
export const BUDGET = {
  totalKb: 60,
  styleKb: 10,
  scriptKb: 25,
  firstPaintSeconds: 2.0,
  interactiveSeconds: 2.5,
};

/** Opens `url` with an empty cache and tells what it cost. */
export async function measure(page, url) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: false });
  const throughput = (PHONE.kilobitsPerSecond * 1000) / 8;
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: PHONE.roundTripMs,
    downloadThroughput: throughput,
    uploadThroughput: throughput,
  });
  await session.send('Emulation.setCPUThrottlingRate', { rate: PHONE.slowdown });
  const kinds = new Map();
  const bytes = { Document: 0, Stylesheet: 0, Script: 0, Other: 0 };
  session.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const kind = kinds.get(requestId);
    bytes[kind in bytes ? kind : 'Other'] += encodedDataLength;
  });
  await page.goto(url, { waitUntil: 'load', timeout: 60000 });
  await page.waitForTimeout(300);
  const times = await page.evaluate(() => {
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    const [visit] = performance.getEntriesByType('navigation');
    return { paint: paint?.startTime ?? NaN, interactive: visit.domContentLoadedEventEnd };
  });
  const kb = (count) => Math.round(count / 102.4) / 10;
  const seconds = (ms) => Math.round(ms / 10) / 100;
  return {
    totalKb: kb(Object.values(bytes).reduce((sum, part) => sum + part, 0)),
    styleKb: kb(bytes.Stylesheet),
    scriptKb: kb(bytes.Script),
    firstPaintSeconds: seconds(times.paint),
    interactiveSeconds: seconds(times.interactive),
  };
}

/** The lines of the budget that a measurement breaks. */
export function over(found) {
  return Object.keys(BUDGET).filter((line) => !(found[line] <= BUDGET[line]));
}
