// A small workbook (.xlsx) from rows of texts, numbers and `{ formula }`, stored without compression: a zip of five parts.

import { inflateRawSync } from 'node:zlib';

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 0xff];
  return (crc ^ 0xffffffff) >>> 0;
}

/** A zip archive of `[name, text]` pairs, every entry stored. */
function zip(entries) {
  const locals = [];
  const centrals = [];
  let offset = 0;
  for (const [name, text] of entries) {
    const path = Buffer.from(name);
    const body = Buffer.from(text);
    // Version, flags, method, time, date (1 January 1980), checksum, both sizes, length of the name.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(body), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(body.length, 18);
    common.writeUInt16LE(path.length, 22);
    locals.push(Buffer.from('PK\x03\x04', 'latin1'), common, path, body);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    centrals.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, path);
    offset += 30 + path.length + body.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

const escape = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function sheet(rows) {
  const cell = (value, column, row) => {
    const name = `${String.fromCharCode(65 + column)}${row}`;
    if (typeof value === 'number') return `<c r="${name}"><v>${value}</v></c>`;
    if (value.formula) return `<c r="${name}"><f>${escape(value.formula)}</f><v>2</v></c>`;
    return `<c r="${name}" t="inlineStr"><is><t>${escape(value)}</t></is></c>`;
  };
  const lines = rows.map((cells, index) => {
    const row = index + 1;
    return `<row r="${row}">${cells.map((text, at) => cell(text, at, row)).join('')}</row>`;
  });
  return `<sheetData>${lines.join('')}</sheetData>`;
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** The bytes of a workbook with one sheet; at most 26 columns. */
export function workbook(rows) {
  const link = (id, kind, target) =>
    `<Relationships xmlns="${PACKAGE}/relationships">` +
    `<Relationship Id="${id}" Type="${OFFICE}/${kind}" Target="${target}"/></Relationships>`;
  return zip([
    [
      '[Content_Types].xml',
      `${HEAD}<Types xmlns="${PACKAGE}/content-types">` +
        `<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
        `<Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/>` +
        `<Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/></Types>`,
    ],
    ['_rels/.rels', `${HEAD}${link('r1', 'officeDocument', 'xl/workbook.xml')}`],
    [
      'xl/workbook.xml',
      `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>` +
        `<sheet name="台账" sheetId="1" r:id="r1"/></sheets></workbook>`,
    ],
    ['xl/_rels/workbook.xml.rels', `${HEAD}${link('r1', 'worksheet', 'worksheets/sheet1.xml')}`],
    ['xl/worksheets/sheet1.xml', `${HEAD}<worksheet xmlns="${MAIN}">${sheet(rows)}</worksheet>`],
  ]);
}

/** The parts of a zip archive by name, as text. */
function unzip(bytes) {
  const parts = new Map();
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    const local = bytes.readUInt32LE(at + 42);
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const body = bytes.subarray(from, from + bytes.readUInt32LE(at + 20));
    const text = bytes.readUInt16LE(at + 10) === 8 ? inflateRawSync(body) : body;
    parts.set(bytes.subarray(at + 46, at + 46 + name).toString(), text.toString());
    at += 46 + name + extra + comment;
  }
  return parts;
}

/** The rows of a sheet by their number, each a list of texts; empty cells are left out. */
export function sheetRows(bytes, sheet) {
  const parts = unzip(bytes);
  const plain = (xml) => [...xml.matchAll(/<t[^>]*>([^<]*)<\/t>/g)].map((found) => found[1]).join('');
  const shared = parts.get('xl/sharedStrings.xml') ?? '';
  const texts = [...shared.matchAll(/<si>(.*?)<\/si>/gs)].map((found) => plain(found[1]));
  const rows = new Map();
  const xml = parts.get(`xl/worksheets/sheet${sheet}.xml`) ?? '';
  for (const [, number, cells] of xml.matchAll(/<row r="(\d+)"[^>]*>(.*?)<\/row>/gs)) {
    const values = [...cells.matchAll(/<c ([^>]*[^/])>(.*?)<\/c>/gs)].map(([, head, body]) => {
      const value = /<v>([^<]*)<\/v>/.exec(body)?.[1] ?? '';
      return head.includes('t="s"') ? texts[Number(value)] : plain(body) || value;
    });
    rows.set(Number(number), values);
  }
  return rows;
}
