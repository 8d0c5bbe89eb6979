"use strict";
// Walks through the documents of a run. All text of pages is set as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const reviewer = document.querySelector(".reviewer");
  if (!reviewer) return;
  const part = (name) => document.getElementById(name);
  const marks = new Map(); // "document:block" -> {use, kind}
  let at = 0;
  let line = -1;

  const label = (kind) => data.kinds[kind] || kind;
  const blocks = () => data.documents[at].blocks;
  const key = () => `${at}:${line}`;
  const visible = (text) =>
    text.replace(/[\u0000-\u0008\u000b-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
      (sign) => "\\u" + sign.charCodeAt(0).toString(16).padStart(4, "0"));

  function show(number) {
    at = Math.max(0, Math.min(data.documents.length - 1, number));
    line = -1;
    const doc = data.documents[at];
    part("place").textContent = `Document ${at + 1} of ${data.documents.length}`;
    part("headline").textContent = visible(doc.title || "(no title)");
    part("headline").dir = "auto";
    part("facts").textContent = visible([
      doc.url, doc.language, `confidence ${doc.confidence}`, `method ${doc.method}`, ...doc.flags,
    ].filter(Boolean).join(" · "));
    part("blocks").replaceChildren(...doc.blocks.map(draw));
    part("previous").disabled = at === 0;
    part("next").disabled = at === data.documents.length - 1;
    choose(-1);
  }

  function draw(block, number) {
    const row = document.createElement("div");
    row.className = "block";
    row.dir = "auto";
    row.tabIndex = number ? -1 : 0;
    row.setAttribute("role", "listitem");
    row.dataset.number = number;
    if (block.kind) {
      const struck = document.createElement("del");
      struck.textContent = visible(block.text);
      const said = document.createElement("span");
      said.className = "unseen";
      said.textContent = ` (cut as ${label(block.kind)})`;
      row.append(struck, said);
      row.classList.add("cut", `k-${block.kind}`);
      row.title = `${label(block.kind)}: ${block.rule}`;
    } else {
      row.textContent = visible(block.text);
      row.title = "kept";
    }
    row.classList.toggle("marked", marks.has(`${at}:${number}`));
    return row;
  }

  function choose(number, focus) {
    const rows = part("blocks").children;
    if (line >= 0 && rows[line]) { rows[line].classList.remove("chosen"); rows[line].tabIndex = -1; }
    line = number >= 0 && number < rows.length ? number : -1;
    const block = line >= 0 ? blocks()[line] : null;
    part("wrong").disabled = !block || !block.kind;
    part("missed").disabled = part("kind").disabled = !block || Boolean(block.kind);
    if (!block) { part("why").textContent = "No line is chosen."; if (rows[0]) rows[0].tabIndex = 0; return; }
    rows[line].classList.add("chosen");
    rows[line].tabIndex = 0;
    const mark = marks.get(key());
    const told = block.kind ? `Cut as ${label(block.kind)} (${block.rule})` : "Kept";
    part("why").textContent = told + (mark ? `; marked: ${mark.use === "keep" ? "wrong cut" : "missed"}` : "");
    if (focus) { rows[line].focus({ preventScroll: true }); rows[line].scrollIntoView({ block: "center" }); }
  }

  function mark(use) {
    const block = line >= 0 ? blocks()[line] : null;
    if (!block || (use === "keep") !== Boolean(block.kind)) return;
    if (marks.has(key())) marks.delete(key());
    else marks.set(key(), { use, kind: block.kind || part("kind").value });
    part("blocks").children[line].classList.toggle("marked", marks.has(key()));
    part("marked").textContent = marks.size;
    choose(line);
  }

  // JSON's strings are TOML's basic strings, but for DEL and lone surrogates.
  const quoted = (text) => JSON.stringify(text.toWellFormed ? text.toWellFormed() : text).replace(/\u007f/g, "\\u007f");

  function cases() {
    const tables = new Map();
    for (const [place, { use, kind }] of marks) {
      const [doc, number] = place.split(":").map(Number);
      const table = `${data.documents[doc].language}.${kind}`;
      const lines = tables.get(table) || tables.set(table, { cut: new Set(), keep: new Set() }).get(table);
      lines[use].add(data.documents[doc].blocks[number].text.trim());
    }
    const head = [
      `# Cases marked in the review of run ${data.run}. \`winnow cases FILE\` says which of them hold.`,
      "# The lines under [LANGUAGE.KIND] go under [KIND] in cleaners/rules/lang/LANGUAGE.toml.",
    ];
    const body = [...tables].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, lines]) =>
      [`[${name}]`, ...["cut", "keep"].filter((use) => lines[use].size)
        .map((use) => `${use} = [\n${[...lines[use]].map((text) => `  ${quoted(text)},`).join("\n")}\n]`)].join("\n"));
    return [head.join("\n"), ...body].join("\n\n") + "\n";
  }

  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([cases()], { type: "application/toml" }));
    link.download = `winnow-cases-${data.run}.toml`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function step(by) { choose(Math.max(0, Math.min(blocks().length - 1, line + by)), true); }

  function nextCut() {
    const found = blocks().findIndex((block, number) => number > line && block.kind);
    if (found >= 0) choose(found, true);
  }

  const keys = {
    j: () => show(at + 1), ArrowRight: () => show(at + 1), k: () => show(at - 1), ArrowLeft: () => show(at - 1),
    ArrowDown: () => step(1), ArrowUp: () => step(-1), n: nextCut, w: () => mark("keep"), m: () => mark("cut"), e: save,
  };
  document.addEventListener("keydown", (event) => {
    const inside = event.target.closest("#review-section");
    const arrow = event.key.startsWith("Arrow");
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT" || !keys[event.key]) return;
    if (arrow && !inside) return; // elsewhere arrows scroll
    event.preventDefault();
    keys[event.key]();
  });
  part("blocks").addEventListener("click", (event) => {
    const row = event.target.closest(".block");
    if (row) choose(Number(row.dataset.number), true);
  });
  part("blocks").addEventListener("focusin", (event) => {
    const row = event.target.closest(".block");
    if (row && Number(row.dataset.number) !== line) choose(Number(row.dataset.number));
  });
  part("previous").addEventListener("click", () => show(at - 1));
  part("next").addEventListener("click", () => show(at + 1));
  part("wrong").addEventListener("click", () => mark("keep"));
  part("missed").addEventListener("click", () => mark("cut"));
  part("export").addEventListener("click", save);
  for (const [name, text] of Object.entries(data.kinds)) part("kind").append(new Option(text, name));
  part("kind").value = "boilerplate";
  reviewer.hidden = false;
  show(0);
})();
