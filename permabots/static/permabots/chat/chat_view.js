// What the page of a web chat shows. All of it is made of elements and text: no HTML comes from anybody.
"use strict";

const TAGS = { bold: "strong", italic: "em", underline: "u", strike: "s", code: "code", pre: "code" };
const LIVE = { role: "log", "aria-live": "polite", "aria-relevant": "additions" };

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// A link, or its text alone where the address is none that a page may open.
function link(address, css, ...children) {
  let scheme = "";
  try {
    scheme = new URL(address, location.href).protocol;
  } catch {
    scheme = "";
  }
  if (!["http:", "https:", "mailto:", "tel:"].includes(scheme)) return make("span", { class: css }, ...children);
  const rel = "noopener noreferrer nofollow";
  return make("a", { class: css, dir: "auto", href: address, target: "_blank", rel }, ...children);
}

function piece(run) {
  let node = document.createTextNode(run.text);
  for (const style of [...(run.styles || [])].reverse()) {
    const attributes = TAGS[style] && style !== "pre" ? {} : { class: `pb-${style}` };
    if (style === "spoiler") attributes.tabindex = "0";
    node = make(TAGS[style] || "span", attributes, node);
  }
  return run.link ? link(run.link, "", node) : node;
}

const numberOf = (node) => Number(node.dataset.number || Infinity);

class View {
  constructor(config) {
    this.config = config;
    this.words = config.words;
    for (const name of ["log", "list", "older", "earlier", "status", "alert", "ask", "starts", "text", "form", "menu", "skip"])
      this[name] = document.getElementById(`pb-${name}`);
    this.form.noValidate = true;
    this.log.setAttribute("aria-label", config.words.messages);
    this.skip.addEventListener("click", (event) => {
      event.preventDefault();
      const newest = this.list.lastElementChild;
      (newest || this.text).focus();
    });
  }

  // The history is put in before the list becomes a live region: it is never read out.
  fill(messages) {
    for (const name of Object.keys(LIVE)) this.log.removeAttribute(name);
    this.list.replaceChildren(...messages.map((it) => this.build(it)));
    this.older.replaceChildren();
    this.pressed(messages);
    this.earlierThan(messages.length === 50);
    this.silence(null);
    this.toEnd();
    clearTimeout(this.soon);
    this.soon = setTimeout(() => {
      for (const [name, value] of Object.entries(LIVE)) this.log.setAttribute(name, value);
    }, 100);
  }

  // Messages that were said before stand in a list of their own, which is no live region.
  prepend(messages) {
    this.older.prepend(...messages.map((it) => this.build(it)));
    this.pressed(messages);
    this.earlierThan(messages.length === 50);
  }

  earlierThan(there) {
    this.earlier.parentElement.hidden = !there;
  }

  find(number) {
    return [...this.list.children].reverse().find((it) => numberOf(it) === number);
  }

  // A message is one node, added once, at its place. What has no number yet stands last.
  add(message) {
    const node = this.build(message);
    const number = numberOf(node);
    const atEnd = this.isAtEnd();
    let next = null;
    for (let it = this.list.lastElementChild; it && numberOf(it) > number; it = it.previousElementSibling) next = it;
    this.list.insertBefore(node, number === Infinity ? null : next);
    this.pressed([message]);
    if (atEnd || number === Infinity) this.toEnd();
    return node;
  }

  confirm(node, number) {
    if (this.find(number) && this.find(number) !== node) return node.remove();
    node.dataset.number = number;
    node.classList.remove("pb-unsent");
  }

  build(message) {
    const bot = message.author === "bot";
    const id = `pb-text-${message.number || message.id}`;
    const text = message.runs ? message.runs.map(piece) : [message.text];
    const who = make("span", { class: "pb-hidden" }, `${bot ? this.config.title : this.words.you}: `);
    const bubble = make("div", { class: "pb-bubble" }, who, make("div", { class: "pb-text", dir: "auto", id }, ...text));
    const node = make("li", { class: `pb-message pb-${message.author}`, tabindex: "-1" }, bubble);
    if (message.number) node.dataset.number = message.number;
    if (message.keyboard && message.keyboard.length) node.append(this.keys(message, id));
    node.append(this.time(message.at));
    if (!bot) node.append(make("span", { class: "pb-waiting", "aria-hidden": "true" }, this.words.waiting));
    if (message.why) node.append(make("p", { class: "pb-why" }, link(message.why.url, "", message.why.words)));
    return node;
  }

  keys(message, id) {
    const rows = message.keyboard.map((line, row) => {
      const keys = line.map(({ label, url }, column) => {
        if (url) return link(url, "pb-key", label);
        const place = `${message.number}.${row}.${column}`;
        return make("button", { class: "pb-key", dir: "auto", type: "button", name: "press", value: place }, label);
      });
      return make("div", { class: "pb-row" }, ...keys);
    });
    return make("div", { class: "pb-keys", role: "group", "aria-labelledby": id }, ...rows);
  }

  time(at) {
    const moment = at ? new Date(at) : new Date();
    const today = moment.toDateString() === new Date().toDateString();
    const parts = today ? { timeStyle: "short" } : { dateStyle: "short", timeStyle: "short" };
    const words = new Intl.DateTimeFormat(this.config.lang, parts).format(moment);
    return make("time", { class: "pb-time", datetime: moment.toISOString() }, words);
  }

  pressed(messages) {
    for (const { press } of messages) {
      const place = press && press.join(".");
      const button = place && document.querySelector(`button[name=press][value="${place}"]`);
      if (button) button.setAttribute("aria-pressed", "true");
    }
  }

  isAtEnd() {
    return window.innerHeight + window.scrollY > document.documentElement.scrollHeight - 150;
  }

  toEnd() {
    window.scrollTo(0, document.documentElement.scrollHeight);
  }

  // Screen readers read each change: there is at most one a second.
  say(words) {
    this.wanted = words;
    if (this.timer) return;
    if (this.status.textContent === words) return;
    this.status.textContent = words;
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.say(this.wanted);
    }, 1000);
  }

  warn(words) {
    if (this.alert.textContent !== words) this.alert.textContent = words;
  }

  // Ask something; resolves with whether the answer is yes. A new question takes the place of one that is open.
  question(words, yes, no, focus) {
    if (this.answer) this.answer(false);
    return new Promise((resolve) => {
      const done = (agreed) => {
        this.answer = null;
        const had = this.ask.contains(document.activeElement);
        this.ask.replaceChildren();
        if (had) this.text.focus();
        resolve(agreed);
      };
      this.answer = done;
      const asked = make("p", { id: "pb-asked", class: "pb-text", dir: "auto" }, words);
      const buttons = [[yes, true], [no, false]].filter(([label]) => label);
      const keys = buttons.map(([label, agreed]) => {
        const button = make("button", { class: "pb-key", type: "button" }, label);
        button.addEventListener("click", () => done(agreed));
        return button;
      });
      const group = { class: "pb-question", role: "group", "aria-labelledby": "pb-asked", tabindex: "-1" };
      this.ask.replaceChildren(make("div", group, asked, ...keys));
      if (focus) this.ask.firstElementChild.focus();
      this.toEnd();
    });
  }

  // What the staff reads where nothing is answered: why, and what to do.
  silence(found) {
    const shown = document.getElementById("pb-silence");
    const words = found ? JSON.stringify(found) : "";
    if ((shown ? shown.dataset.of : "") === words) return;
    if (shown) shown.remove();
    if (!found) return;
    const parts = found.url ? [`${found.words} `, link(found.url, "", found.action || found.url)] : [found.words];
    this.log.after(make("p", { class: "pb-why", id: "pb-silence", "data-of": words }, ...parts));
  }
}
