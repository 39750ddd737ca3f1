// Comfort for the keyboard and the mouse. Every page works without this file.
const doc = document;
const root = doc.documentElement;
root.classList.add("js");
const all = (selector, from = doc) => Array.from(from.querySelectorAll(selector));
const one = (selector, from = doc) => from.querySelector(selector);

// htmx sets markup through one policy; nothing may make script from text.
if (window.trustedTypes && trustedTypes.createPolicy) {
  try { trustedTypes.createPolicy("default", { createHTML: (text) => text }); } catch (_) { /* one is there */ }
}

// --- rows: J K X Enter, selection, copying -------------------------------------------------
const rows = () => all("[data-rows]>*").filter((row) => row.offsetParent);
let lastPicked = null;
const move = (step) => {
  const list = rows();
  if (!list.length) return;
  const at = list.findIndex((row) => row.classList.contains("cur"));
  const row = list[Math.max(0, Math.min(list.length - 1, at < 0 ? 0 : at + step))];
  list.forEach((other) => other.classList.toggle("cur", other === row));
  const link = one("[data-open]", row) || one("a", row);
  if (link) link.focus();
  row.scrollIntoView({ block: "nearest" });
  light(row);
};
const paint = () => {
  const boxes = all("[data-pick]");
  boxes.forEach((box) => box.closest("tr") && box.closest("tr").classList.toggle("picked", box.checked));
  const count = boxes.filter((box) => box.checked).length;
  all("[data-picked]").forEach((place) => { place.textContent = count; });
  const every = one("[data-pick-all]");
  if (every) { every.checked = count > 0 && count === boxes.length; every.indeterminate = count > 0 && count < boxes.length; }
};
doc.addEventListener("click", (event) => {
  const box = event.target;
  if (!box.matches || !box.matches("[data-pick]")) return;
  const boxes = all("[data-pick]");
  if (event.shiftKey && lastPicked && boxes.includes(lastPicked)) {
    const [from, to] = [boxes.indexOf(lastPicked), boxes.indexOf(box)].sort((a, b) => a - b);
    boxes.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
  }
  lastPicked = box;
  paint();
});
doc.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) {
    all("[data-pick]").forEach((box) => { box.checked = event.target.checked; });
    paint();
  }
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit ? event.target.form.requestSubmit() : event.target.form.submit();
});
// Picked rows leave the page as tab-separated text, as from a spreadsheet.
doc.addEventListener("copy", (event) => {
  const picked = all("tr.picked");
  if (!picked.length || String(getSelection()) || typing(event.target)) return;
  const text = picked.map((row) => all("th,td", row).filter((cell) => !one("[data-pick]", cell))
    .map((cell) => cell.innerText.trim().replace(/\s+/g, " ")).join("\t")).join("\n");
  event.clipboardData.setData("text/plain", text);
  event.preventDefault();
});

// --- keys ----------------------------------------------------------------------------------
const typing = (target) => target && target.matches && target.matches("input:not([type=checkbox]):not([type=radio]),textarea,select,[contenteditable]");
doc.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  const target = event.target;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && target.form) {
    const button = one("button[type=submit],button:not([type])", target.form);
    if (button) button.click();
    return;
  }
  if (event.altKey && event.key >= "1" && event.key <= "9") {
    const tab = all(".tabs a")[Number(event.key) - 1];
    if (tab) { event.preventDefault(); tab.click(); }
    return;
  }
  if (event.key === "Escape") {
    const open = target.closest && target.closest("details[open]");
    if (open) { open.open = false; one("summary", open).focus(); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(target) || root.dataset.keys === "off") return;
  const key = event.key.toLowerCase();
  const row = one("[data-rows]>.cur");
  if (key === "j") move(1);
  else if (key === "k") move(-1);
  else if (key === "x") { const box = row && one("[data-pick]", row); if (!box) return; box.checked = !box.checked; lastPicked = box; paint(); }
  else if (key === "e") { const link = (row && one("[data-edit]", row)) || one("[data-edit]"); if (!link) return; link.click(); }
  else if (key === "/") { const box = one("[data-search]"); if (box) box.focus(); }
  else if (key === "?") location.href = "/help#keys";
  else if (key === "enter" && row && target.matches("[data-pick],body")) { const link = one("[data-open]", row); if (link) link.click(); return; }
  else return;
  event.preventDefault();
});

// --- forms: busy buttons, drafts -----------------------------------------------------------
doc.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  const button = event.submitter;
  const file = form.hasAttribute("data-download") || (button && button.hasAttribute("data-download"));
  if (form.method === "post" && !file) {
    form.dataset.sent = "1";
    if (button) setTimeout(() => button.setAttribute("aria-busy", "true"));
    setTimeout(() => { delete form.dataset.sent; if (button) button.removeAttribute("aria-busy"); }, 15000);
  }
  if (form.matches("[action='/sign-out']")) Object.keys(localStorage).forEach((name) => { if (name.startsWith("draft:")) localStorage.removeItem(name); });
  if (form.dataset.draft) sessionStorage.setItem("sent", form.dataset.draft);
});
addEventListener("pageshow", (event) => {
  if (event.persisted) all("form[data-sent]").forEach((form) => { delete form.dataset.sent; all("[aria-busy]", form).forEach((button) => button.removeAttribute("aria-busy")); });
});
// A draft belongs to its user and goes when he signs out: the computer may be shared.
const draftKey = (name) => "draft:" + root.dataset.user + ":" + name;
const fields = (form) => all("textarea,input[type=text],input[type=date],input[type=number],select", form).filter((field) => field.name);
const keep = () => all("form[data-draft]").forEach((form) => {
  if (!form.dataset.dirty) return;
  const kept = {};
  fields(form).forEach((field) => { kept[field.name] = field.value; });
  try { localStorage.setItem(draftKey(form.dataset.draft), JSON.stringify(kept)); } catch (_) { /* full or closed */ }
});
const drafts = () => {
  const sent = sessionStorage.getItem("sent");
  if (sent && !one(".note.r[role=alert]")) { localStorage.removeItem(draftKey(sent)); sessionStorage.removeItem("sent"); }
  all("form[data-draft]").forEach((form) => {
    let kept;
    try { kept = JSON.parse(localStorage.getItem(draftKey(form.dataset.draft))); } catch (_) { /* no draft */ }
    if (kept) {
      let changed = false;
      fields(form).forEach((field) => { if (kept[field.name] && !field.value) { field.value = kept[field.name]; changed = true; } });
      if (changed) { const box = form.closest("details"); if (box) box.open = true; const mark = one("[data-draft-note]", form); if (mark) mark.hidden = false; }
    }
    form.addEventListener("input", () => { form.dataset.dirty = "1"; });
  });
};
setInterval(keep, 10000);
addEventListener("pagehide", keep);

// --- the end of the session ----------------------------------------------------------------
// Told three minutes before; a press puts it off without leaving the page, and nothing is lost.
let endsAt = 0;
const session = () => { const box = one("[data-ends]"); if (box) endsAt = Date.now() + Number(box.dataset.ends) * 1000; };
const warn = () => {
  const box = one("[data-ends]");
  const soon = Boolean(box) && endsAt - Date.now() < 180000;
  if (!box || box.hidden !== soon) return;
  box.hidden = !soon;
  if (soon) box.setAttribute("role", "alert"); else box.removeAttribute("role");
};
doc.addEventListener("click", (event) => {
  const stay = event.target.closest && event.target.closest("[data-stay]");
  if (!stay) return;
  event.preventDefault();
  fetch("/session", { credentials: "same-origin" })
    .then((answer) => (answer.ok && !answer.redirected ? answer.text() : Promise.reject()))
    .then((left) => { endsAt = Date.now() + Number(left) * 1000; warn(); })
    .catch(() => { location.href = stay.href; });
});
setInterval(warn, 5000);

// --- reading view: row and sentence --------------------------------------------------------
const light = (row) => {
  const number = row && row.dataset && row.dataset.row;
  if (!number) return;
  all("mark.cur").forEach((mark) => mark.classList.remove("cur"));
  const marks = all(`mark[data-row="${number}"]`);
  marks.forEach((mark) => mark.classList.add("cur"));
  const box = one(".text");
  if (marks[0] && box) box.scrollTop = marks[0].offsetTop - box.offsetTop - box.clientHeight / 3;
};
doc.addEventListener("focusin", (event) => {
  const card = event.target.closest && event.target.closest(".fcard");
  if (!card) return;
  all(".fcard.cur").forEach((other) => other.classList.remove("cur"));
  card.classList.add("cur");
  light(card);
});
doc.addEventListener("click", (event) => {
  const mark = event.target.closest && event.target.closest("mark[data-row]");
  const card = mark && doc.getElementById("row-" + mark.dataset.row);
  if (!card) return;
  event.preventDefault();
  all(".cur").forEach((other) => other.classList.remove("cur"));
  card.classList.add("cur");
  mark.classList.add("cur");
  card.scrollIntoView({ block: "nearest" });
});

// --- once a page ---------------------------------------------------------------------------
const showTab = () => {
  const tab = one(".tabs [aria-current]");
  const bar = tab && tab.parentElement;
  if (bar && bar.scrollWidth > bar.clientWidth) bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - 24;
};
addEventListener("resize", showTab);
const start = () => {
  paint();
  session();
  warn();
  showTab();
  const summary = one("[data-focus]");
  if (summary) summary.focus();
  const undo = one("[data-undo]");
  if (undo) setTimeout(() => { if (!undo.contains(doc.activeElement)) undo.remove(); }, 10000);
};
drafts();
start();
doc.addEventListener("htmx:after:swap", start);
