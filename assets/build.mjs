// Builds assets/dist from assets/src and the locked packages: `npm ci && npm run build`.
// The browsers of grade B are older than htmx's syntax, so scripts are lowered to Chromium 69.
import { build, transform } from "esbuild";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const target = "chrome69";
mkdirSync("dist", { recursive: true });
const note = (name, text) => {
  writeFileSync(`dist/${name}`, text);
  console.log(name, text.length, gzipSync(text, { level: 9 }).length);
};

const htmx = readFileSync("node_modules/htmx.org/dist/htmx.js", "utf8");
const banner = "/*! htmx.org 4.0.1, 0BSD */\n";
const lowered = await transform(htmx, { target, minify: true, legalComments: "none" });
note("htmx.js", banner + lowered.code);

const app = await build({ entryPoints: ["src/app.js"], target, minify: true, bundle: true, write: false, format: "iife" });
note("app.js", app.outputFiles[0].text);

const css = await transform(readFileSync("src/app.css", "utf8"), { loader: "css", minify: true, target });
note("app.css", css.code);

const symbol = (name) => {
  const svg = readFileSync(`node_modules/@tabler/icons/icons/outline/${name}.svg`, "utf8");
  const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  const shapes = body.replace(/<path[^>]*stroke="none"[^>]*\/>/g, "").replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${shapes}</symbol>`;
};
const names = readFileSync("src/icons.txt", "utf8").split("\n").filter(Boolean);
const lights = readFileSync("src/lights.svg", "utf8").trim();
note("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg"><!-- @tabler/icons 3.51.0, MIT -->\n${lights}\n${names.map(symbol).join("\n")}\n</svg>\n`);
note("favicon.svg", `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#1c4f8f"/><path d="M8 9h16M8 16h16M8 23h9" stroke="#fff" stroke-width="3"/><path d="M19 22l3 3 5-6" fill="none" stroke="#ffb000" stroke-width="3"/></svg>\n`);
