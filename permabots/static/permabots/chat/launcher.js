/* A web chat's launcher on any site: a button, and a frame once it is opened. Before, nothing is asked for or stored.
   It keeps the chat's token: browsers forget what a foreign frame stores. */
(() => {
  "use strict";
  const script = document.currentScript;
  const { bot, inline, lang, page, position, title, identity, unread: words = "unread" } = script.dataset;
  const base = new URL(".", script.src);
  const key = `permabots:${base}${bot}`;
  let name = title || "Chat";
  let signed = identity;
  let unread = 0;
  let token, isOpen, isReady, frame, panel, button, badge;

  const make = (tag, styles, values) => {
    const made = Object.assign(document.createElement(tag), values);
    made.style.cssText = styles;
    return made;
  };
  /* A signed person's token is not stored: their signature opens the conversation, and nobody's who comes after. */
  const storage = (use) => {
    // Where it is blocked, the token is in memory.
    try {
      if (!signed) use(localStorage);
    } catch {}
  };
  const person = () => {
    try {
      return JSON.parse(atob(signed.split(".")[0].replace(/-/g, "+").replace(/_/g, "/"))).id;
    } catch {}
  };
  const post = (permabots, values) =>
    isReady && frame.contentWindow.postMessage({ permabots, ...values }, base.origin);
  const label = () => {
    if (frame) frame.title = name;
    if (!button) return;
    panel.ariaLabel = name;
    button.ariaLabel = unread ? `${name}, ${unread} ${words}` : name;
    button.ariaExpanded = !!isOpen;
    badge.textContent = unread || "";
  };
  const mount = () => {
    frame = make("iframe", "border:0;width:100%;height:100%", { referrerPolicy: "no-referrer" });
    frame.src = `${base}${bot}/?frame=1&lang=${lang || ""}`;
    panel.append(frame);
  };
  const show = (open) => {
    if (!button || !isOpen === !open) return;
    isOpen = open;
    if (open && !frame) mount();
    panel.style.display = open ? "block" : "none";
    post(open ? "shown" : "hidden");
    (open ? frame : button).focus();
    label();
  };
  const restart = () => {
    const had = frame;
    if (had) had.remove();
    frame = isReady = token = unread = 0;
    if (had && isOpen) mount();
    label();
  };

  addEventListener("message", ({ source, origin, data }) => {
    if (!frame || source !== frame.contentWindow || origin !== base.origin) return;
    const kind = data.permabots;
    if (kind === "ready") {
      isReady = 1;
      storage((kept) => (token = kept.getItem(key) || token));
      post("hello", {
        token: token || "",
        identity: signed || "",
        page: page == null ? "" : location.origin + location.pathname,
        lang: lang || document.documentElement.lang,
      });
      post(isOpen ? "shown" : "hidden");
    } else if (kind === "token") {
      token = data.token;
      storage((kept) => (token ? kept.setItem(key, token) : kept.removeItem(key)));
    } else if (kind === "title") name = title || data.title;
    else if (kind === "close") show();
    else if (kind === "unread") {
      unread = data.count;
      dispatchEvent(new CustomEvent("permabots:unread", { detail: { bot, count: unread } }));
    }
    label();
  });
  // Another tab has begun a conversation, or ended it.
  addEventListener("storage", (event) => {
    if (event.key === key && !signed && event.newValue != token) restart();
  });

  const build = () => {
    if (inline) {
      panel = document.querySelector(inline);
      if (!panel) return console.error(`permabots: nothing here is ${inline}`);
      isOpen = 1;
      return mount();
    }
    const place = `position:fixed;z-index:2147483000;${position === "left" ? "left" : "right"}:16px;`;
    const id = `permabots-${bot}`;
    panel = make("div", place + "display:none;bottom:88px;width:min(400px,100vw - 32px);overflow:hidden;" +
      "height:min(640px,100vh - 112px);border:1px solid gray;border-radius:12px", { id, role: "dialog" });
    button = make("button", place + "bottom:16px;width:56px;height:56px;border:2px solid transparent;" +
      "border-radius:50%;font:26px/1 sans-serif;background:var(--pb-accent,#1f5fa8);" +
      "color:var(--pb-accent-text,#fff)", { type: "button", textContent: "\u{1F4AC}\uFE0E" });
    badge = make("span", "position:absolute;top:-4px;right:-4px;min-width:22px;border-radius:11px;" +
      "font:bold 13px/22px sans-serif;background:#b00020", { ariaHidden: true });
    button.append(badge);
    button.setAttribute("aria-controls", id);
    button.onclick = () => show(!isOpen);
    panel.onkeydown = button.onkeydown = (event) => {
      if (event.key === "Escape") show();
    };
    document.body.append(button, panel);
    label();
  };

  const mine = {
    open: () => show(1),
    close: () => show(),
    identify(text) {
      const before = person();
      signed = text;
      before && before === person() ? post("identify", { identity: signed }) : restart();
    },
    logout() {
      signed = 0;
      storage((kept) => kept.removeItem(key));
      show();
      restart();
    },
  };
  /* A call is for all chats of the page, or for the one whose bot it names last. */
  const all = (window.permabots ||= { all: {} });
  all.all[bot] = mine;
  for (const call in mine)
    all[call] = (...given) => {
      const named = given[mine[call].length];
      for (const it in all.all) if (!named || named === it) all.all[it][call](...given);
    };

  document.body ? build() : addEventListener("DOMContentLoaded", build);
})();
