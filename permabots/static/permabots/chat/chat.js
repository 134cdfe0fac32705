// The page of a web chat: what is written goes out once and in order, what is new is asked for by its number.
"use strict";

(() => {
  const config = JSON.parse(document.getElementById("pb-config").textContent);
  const why = config.why ? "&why=1" : ""; // the staff is told why the bot answers, and why not
  const base = location.pathname;
  const WAITING = [150, 250, 400, 700, 1000, 1500, 2000];
  const QUIET = [[30e3, 3e3], [300e3, 10e3], [1800e3, 30e3]];

  config.identity = ""; // the page around the frame says who is there

  // The token of a conversation is made here, so that a first message that is sent again is the same person's.
  function newToken() {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID(); // browsers have it over HTTPS only
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const digits = [...bytes].map((it) => it.toString(16).padStart(2, "0")).join("");
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  // The id of the person in what a site has signed: the token that is kept must be theirs.
  function personIn(signed) {
    try {
      return String(JSON.parse(atob(signed.split(".")[0].replace(/-/g, "+").replace(/_/g, "/"))).id);
    } catch {
      return "";
    }
  }

  // Where the token is kept: by the browser, by the page around the frame, or, where neither does, until the page is left.
  const kept = {
    key: `permabots-chat:${base}`,
    value: "",
    host: "",
    read() {
      if (this.host) return this.value;
      try {
        return localStorage.getItem(this.key) || this.value;
      } catch {
        return this.value;
      }
    },
    write(value) {
      this.value = value;
      if (this.host) return tell({ permabots: "token", token: value });
      try {
        if (value) localStorage.setItem(this.key, value);
        else localStorage.removeItem(this.key);
      } catch {
        this.value = value; // storage is blocked
      }
    },
  };

  function tell(message) {
    if (kept.host) window.parent.postMessage(message, kept.host);
  }

  const backoff = (errors) => Math.min(30, 2 ** (errors - 1)) * 1000;

  class Chat {
    constructor(view) {
      this.view = view;
      this.outbox = [];
      this.open = true; // the panel that the frame is in
      this.page = "";
      this.unread = 0;
      this.begun = 0; // how often a conversation was begun here: answers for an earlier one are dropped
      this.reset();
    }

    reset() {
      this.begun += 1;
      Object.assign(this, { last: 0, newest: 0, polled: 0, errors: 0, notBefore: 0, step: 0, since: 0, sent: 0 });
      Object.assign(this, { waiting: false, polling: false, ended: false, loaded: false });
      clearTimeout(this.timer);
    }

    get token() {
      return kept.read().split(" ")[0];
    }

    get isKnown() {
      return Boolean(this.token || config.cookie);
    }

    get isVisible() {
      return this.open && !document.hidden;
    }

    keep(token) {
      kept.write(token && `${token} ${personIn(config.identity)}`.trim());
    }

    async call(method, where, body) {
      const control = new AbortController();
      const timer = setTimeout(() => control.abort(), 20e3);
      const headers = this.token ? { Authorization: `Bearer ${this.token}` } : {};
      if (body) headers["Content-Type"] = "application/json";
      try {
        const signal = control.signal;
        const answer = await fetch(base + where, { method, headers, signal, body: body && JSON.stringify(body) });
        const data = answer.status === 204 ? {} : await answer.json();
        return { status: answer.status, data, wait: 1000 * (Number(answer.headers.get("Retry-After")) || 0) };
      } catch {
        return { status: 0, data: {}, wait: 0 }; // not there, too slow, or something in between that answers no JSON
      } finally {
        clearTimeout(timer);
      }
    }

    // Show the conversation from its newest messages on.
    async begin() {
      this.reset();
      const begun = this.begun;
      if (this.isKnown) {
        const { status, data, wait } = await this.call("GET", `messages/?waiting=1${why}`);
        if (begun !== this.begun) return;
        if (status === 401) return this.end();
        if (status !== 200) {
          this.view.say(config.words.offline);
          this.errors += 1;
          this.timer = setTimeout(() => this.begin(), wait || backoff(this.errors));
          return;
        }
        this.fill(data);
      } else {
        this.view.fill([]);
      }
      this.loaded = true;
      for (const item of this.outbox) item.node = this.view.add(this.local(item));
      this.showState();
      this.schedule();
      this.greet();
      this.pump();
    }

    // Somebody has opened the panel, or gone into the frame that stands in a page: loading it alone is neither.
    enter() {
      if (!kept.host || !document.hasFocus()) return;
      if (document.activeElement === document.body) this.view.text.focus();
      this.isShown = true;
      this.greet();
    }

    // A chat that begins by itself does so when it is entered for the first time, in a frame: looking stores nothing.
    greet() {
      if (!this.isShown || !this.loaded || this.greeted) return;
      this.greeted = true;
      if (config.start === "open" && !this.isKnown && !this.outbox.length) this.say(config.payload);
    }

    fill({ messages, pending, silence }) {
      this.view.fill(messages);
      this.view.silence(silence);
      const newest = messages[messages.length - 1];
      this.last = newest ? newest.number : 0;
      this.newest = newest ? Math.min(Date.now(), Date.parse(newest.at)) : 0;
      if (pending) this.wait();
    }

    wait() {
      Object.assign(this, { waiting: true, step: 0, since: Date.now() });
    }

    // ---- what is new

    async poll() {
      clearTimeout(this.timer);
      if (this.polling || !this.loaded || this.ended || !this.isKnown || !this.isVisible) return;
      if (Date.now() < this.notBefore) return this.schedule();
      this.polling = true;
      const { begun, sent } = this;
      const asked = this.waiting ? "&waiting=1" : "";
      const found = await this.call("GET", `messages/?after=${this.last}${asked}${why}`);
      if (begun !== this.begun) return;
      this.polling = false;
      this.polled = Date.now();
      if (found.status === 401) return this.end();
      if (found.status === 200 || found.status === 204) {
        this.errors = 0;
        this.show(found.data);
        if (asked && !found.data.pending && sent === this.sent && !this.sending) this.waiting = false;
      } else {
        this.errors += 1;
        this.notBefore = Date.now() + found.wait;
      }
      this.showState();
      if (found.data.messages && found.data.messages.length === 50) this.poll();
      else this.schedule();
    }

    show({ messages = [], silence }) {
      for (const message of messages) {
        if (message.number <= this.last) continue;
        this.last = message.number;
        this.newest = Date.now();
        if (this.view.find(message.number) || this.isOurs(message)) continue;
        this.view.add(message);
        if (message.author === "bot" && !this.isVisible) this.unread += 1;
      }
      this.view.silence(silence);
      if (messages.length && this.unread) tell({ permabots: "unread", count: this.unread });
    }

    // A message may have arrived although the answer to it was lost: then it is here already, without its number.
    isOurs(message) {
      const item = this.outbox.find((it) => it.tried && !it.number);
      if (!item || message.author !== "person" || message.text !== item.text) return false;
      item.number = message.number;
      this.view.confirm(item.node, message.number);
      return true;
    }

    schedule() {
      clearTimeout(this.timer);
      const delay = this.delay();
      if (delay !== null && !this.polling && !this.ended && this.loaded)
        this.timer = setTimeout(() => this.poll(), delay * (0.85 + 0.3 * Math.random()));
    }

    delay() {
      if (!this.isKnown || !this.isVisible) return null;
      if (this.notBefore > Date.now()) return (this.notBefore - Date.now()) / 0.85;
      if (this.errors) return backoff(this.errors);
      if (this.waiting && Date.now() - this.since > 120e3) return 5e3;
      if (this.waiting) return WAITING[Math.min(this.step++, WAITING.length - 1)];
      const age = Date.now() - this.newest;
      const phase = QUIET.find(([until]) => age < until);
      return phase ? phase[1] : null;
    }

    // Somebody is there: ask at once, but not again within so many milliseconds.
    wake(rest = 1000) {
      if (!this.polling && Date.now() - this.polled > rest) this.poll();
      else this.schedule();
    }

    showState() {
      const unsent = this.outbox.some((it) => it.failed);
      const writing = this.waiting && this.step > 2 && !this.errors;
      const words = unsent || this.errors > 1 ? config.words.offline : writing ? config.words.writing : "";
      this.view.say(words || this.notice || "");
      this.view.starts.hidden = config.start === "none" || this.last > 0 || this.outbox.length > 0;
    }

    async earlier() {
      const first = this.view.older.firstElementChild || this.view.list.firstElementChild;
      if (!first || this.asking) return;
      this.asking = true;
      const { begun } = this;
      const { status, data } = await this.call("GET", `messages/?before=${first.dataset.number}${why}`);
      this.asking = false;
      if (begun !== this.begun) return;
      if (status === 200) this.view.prepend(data.messages);
      else this.view.warn(config.words.e503);
    }

    // ---- what is said

    local({ id, text, press }) {
      return { id, text, press, author: "person" };
    }

    say(text, press) {
      const item = { id: uuid(), text, press };
      this.notice = "";
      this.view.warn("");
      if (this.loaded) item.node = this.view.add(this.local(item));
      this.outbox.push(item);
      this.showState();
      this.pump();
    }

    // One after another: what is first must be there before the next is sent.
    async pump() {
      clearTimeout(this.retry);
      const item = this.outbox[0];
      if (!item || this.sending || this.ended || !this.loaded) return;
      if (config.consent && !this.isKnown && !item.consent) return this.askConsent(item);
      this.sending = true;
      item.tried = true;
      const { id, text, press, consent } = item;
      const known = this.isKnown;
      const about = { lang: config.lang, page: this.page, consent };
      if (!known) Object.assign(about, { identity: config.identity, new_token: (item.token ||= newToken()) });
      const { begun } = this;
      const found = await this.call("POST", "messages/", { id, ...(press ? { press } : { text }), ...about });
      this.sending = false;
      if (begun !== this.begun) return this.pump();
      if (found.status === 202) return this.arrived(item, found.data);
      if (found.status === 401 && known) return this.end();
      if (found.status === 403 && config.consent && !consent) return this.askConsent(item);
      if (found.status === 0 || found.status === 429 || found.status >= 500) return this.later(item, found);
      this.giveBack(item, found.status === 401 ? config.words.unsigned : config.words[`e${found.status}`]);
      this.pump();
    }

    arrived(item, { number, token }) {
      if (token) this.keep(token);
      this.outbox.shift();
      if (item.number !== number) this.view.confirm(item.node, number);
      this.sent += 1;
      this.newest = Date.now();
      this.failures = 0;
      for (const it of this.outbox) it.failed = false;
      this.wait();
      this.view.warn("");
      this.showState();
      this.schedule();
      this.pump();
    }

    later(item, { status, wait }) {
      this.failures = (this.failures || 0) + 1;
      for (const it of this.outbox) {
        it.failed = true;
        it.node.classList.add("pb-unsent");
      }
      if (status === 429) this.view.warn(config.words.e429);
      this.showState();
      this.retry = setTimeout(() => this.pump(), wait || backoff(this.failures));
      this.isOffline = status === 0;
    }

    giveBack(item, words) {
      this.outbox.shift();
      item.node.remove();
      if (!item.press && !this.view.text.value) this.view.text.value = item.text;
      this.view.warn(words || config.words.e400);
      this.showState();
    }

    async askConsent(item) {
      if (this.asked) return;
      this.asked = true;
      const { yes, no } = config.words;
      item.consent = await this.view.question(config.consent, yes, no, true);
      this.asked = false;
      if (item.consent) return this.pump();
      this.outbox.splice(1).forEach((it) => it.node.remove());
      this.giveBack(item, "");
      this.view.warn("");
    }

    // The token is refused: what was written meanwhile is sent in a new conversation, if the person wants one.
    async end() {
      this.ended = true;
      this.view.warn(config.words.e401);
      if (await this.view.question(config.words.e401, config.words.again, "", false)) this.leave();
    }

    leave() {
      config.cookie = false;
      this.keep("");
      this.view.warn("");
      this.begin();
    }

    async forget() {
      this.view.menu.open = false;
      const { forget, keep } = config.words;
      if (!(await this.view.question(forget, config.words.delete, keep, true))) return;
      const { status } = this.isKnown ? await this.call("DELETE", "session/") : { status: 204 };
      if (status !== 204 && status !== 401) return this.view.warn(config.words.e503);
      this.outbox = [];
      this.notice = config.words.forgotten;
      this.leave();
    }

    // A site says who is there. A conversation that is kept is shown only where it is theirs.
    async identify(signed) {
      config.identity = signed;
      const person = personIn(signed);
      if (person && this.token && kept.read().split(" ").slice(1).join(" ") === person) return this.begin();
      this.reset();
      const { status, data, wait } = await this.call("POST", "session/", { identity: signed });
      if (config.identity !== signed) return;
      if (status === 401) {
        // Nobody becomes anonymous that way, and what is kept of another conversation is not lost by it.
        this.ended = true;
        this.view.fill([]);
        console.warn(`permabots: ${data.detail}`); // for the site's developer
        return this.view.warn(config.words.unsigned);
      }
      if (status === 0 || status === 429 || status >= 500) {
        this.view.warn(config.words.e503);
        this.timer = setTimeout(() => this.identify(signed), wait || 5e3);
        return;
      }
      kept.write("");
      config.cookie = false;
      if (status === 201) this.keep(data.token);
      this.view.warn("");
      this.begin();
    }

    logout() {
      config.identity = "";
      this.outbox = [];
      this.leave();
    }
  }

  const view = new View(config);
  const chat = new Chat(view);

  // ---- what the person does

  function send() {
    const text = view.text.value.trim();
    view.text.focus();
    if (!text) return;
    view.text.value = "";
    view.text.rows = 1;
    chat.say(text);
  }

  document.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (event.target.closest("#pb-earlier")) {
      event.preventDefault();
      chat.earlier();
    } else if (button && ["press", "start", "forget"].includes(button.name)) {
      event.preventDefault();
      if (button.name === "forget") return chat.forget();
      if (button.name === "start") {
        if (document.activeElement === button) view.text.focus(); // the button goes
        return chat.say(config.payload);
      }
      button.setAttribute("aria-pressed", "true");
      chat.say(button.textContent, button.value.split(".").map(Number));
    } else if (button && button.id === "pb-send") {
      event.preventDefault();
      send();
    }
  });
  view.text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  });
  view.text.addEventListener("input", () => {
    view.text.rows = Math.min(5, view.text.value.split("\n").length);
    chat.wake(10e3);
  });
  addEventListener("focus", () => chat.enter());
  for (const name of ["focus", "online", "pageshow"]) addEventListener(name, () => chat.wake());
  document.addEventListener("visibilitychange", () => chat.wake());
  addEventListener("online", () => chat.isOffline && chat.pump());
  addEventListener("storage", (event) => {
    if (event.key !== kept.key || kept.host || event.newValue === event.oldValue) return;
    kept.value = event.newValue || "";
    config.cookie = false;
    chat.begin();
  });

  // ---- the page around the frame

  const framed = config.frame && window.parent !== window;
  const hosts = [...config.origins, location.origin];

  const heard = {
    async hello({ token, identity, page }, origin) {
      kept.host = origin;
      kept.value = String(token || "");
      chat.page = String(page || "");
      clearTimeout(alone);
      tell({ permabots: "title", title: config.title });
      await (identity ? chat.identify(String(identity)) : chat.begin());
    },
    shown() {
      chat.open = true;
      chat.unread = 0;
      tell({ permabots: "unread", count: 0 });
      chat.enter();
      chat.wake();
    },
    hidden() {
      chat.open = false;
      chat.schedule();
    },
    identify: ({ identity }) => chat.identify(String(identity || "")),
    logout: () => chat.logout(),
  };

  addEventListener("message", (event) => {
    if (!framed || event.source !== window.parent || !hosts.includes(event.origin)) return;
    const kind = event.data && event.data.permabots;
    if (!Object.keys(heard).includes(kind) || (kind !== "hello" && !kept.host)) return;
    heard[kind](event.data, event.origin);
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") tell({ permabots: "close" });
  });

  let alone = 0;
  if (framed) {
    window.parent.postMessage({ permabots: "ready" }, "*");
    alone = setTimeout(() => chat.begin(), 2e3); // a frame that nobody made by the launcher
  } else {
    chat.begin();
  }
})();
