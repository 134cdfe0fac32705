#!/usr/bin/env python3
"""Explicit-state model of the road: inbox -> turn under a lease -> outbox -> provider.

    python3 protocol_model.py                    every scenario with every rule: states, edges, verdict
    python3 protocol_model.py --without RULE     the shortest run that goes wrong without that rule
    python3 protocol_model.py --all [RULE ..]    one line for every rule
    python3 protocol_model.py --rules            the rules
    ... --born                          with the first outbound row written as 'started' in the turn's transaction

Breadth first over all interleavings of: web requests (insert, commit, publish, 200), two workers, the
broker (loses and doubles wake-ups), the sweep, a hook broadcast, and the faults: a crash at any step of
a worker or of a web process, a pause of any length at any step (the lease runs out, the worker wakes up
later), a send that was accepted but whose answer is lost, a 429, an operator parking a row in mid-flight.

Safety is checked at every step. Liveness: from every reachable state the end (every accepted message
done or parked, every answer sent or parked) can be reached by fair steps alone, without any more faults;
on a finite graph under strong fairness this is the same as "it will be reached".
"""
import sys, time
from collections import deque

RULES = {
 "unique":           "the row is unique per (integration, external id); the INSERT itself decides",
 "dup_waits":        "a repeated delivery is answered 200 only when the row is seen committed (the refused INSERT), not by a 'seen' mark",
 "ack_after_commit": "200 is said after the commit",
 "publish_after":    "the wake-up is published after the commit",
 "pick_by_status":   "pending rows are found by status, never by a cursor 'id > last answered'",
 "provider_order":   "of the rows pending together the provider's own order decides, then id",
 "lease":            "a worker acts only after its conditional UPDATE took the lease",
 "fresh_token":      "the owner is a new random token per take, not a host or process name",
 "fence_turn":       "the turn's transaction checks the token",
 "fence_locks":      "... by an UPDATE of the lease row (locks it until commit), not by a SELECT",
 "status_check":     "done is written only over pending, else the turn is rolled back",
 "one_tx":           "state + outbound rows + inbound done are one transaction",
 "count_first":      "attempts is raised and committed before the turn starts",
 "claim":            "an outbound row is marked started (attempts + 1) before the request leaves",
 "fence_claim":      "that mark checks the token",
 "deadline":         "a worker whose lease is over by its own monotonic clock renews before it sends",
 "mark_by_attempt":  "what comes back from a send is written only over started with the same attempt number",
 "head_blocks":      "a deferred message holds back those behind it (the due time belongs to the conversation)",
 "group_whole":      "a group (parts of one answer) once begun is finished before another begins",
 "fence_release":    "release and deferral check the token",
 "look_again":       "after the release has committed: look once more, in a new statement",
 "renew":            "the lease is renewed by every turn's commit and before an outside call it would not outlast",
 "drain_budget":     "after K turns: release, publish a wake-up for oneself, end",
 "sweep":            "there is a sweep",
 "sweep_expired":    "the sweep takes a lease that has run out for a free one",
 "sweep_started":    "the sweep counts started rows as unfinished",
 "sweep_outbound":   "the sweep looks at outbound rows too",
 "hook_row":         "a hook's POST is stored as a row before it is answered; the broker never carries the data",
 # the web chat: a person's POST, a bot's store, a page that reads by cursor
 "said_key":         "web: a person's message is unique by the id its page gave it; a repeat finds the same number",
 "said_one_tx":      "web: the person's message and the inbox row are one transaction",
 "said_again":       "web: the page sends a message, with the same id, until it is answered 202",
 "visitor_lock":     "web: whoever appends a message locks the visitor's row first, so numbers commit in their order",
 "store_key":        "web: send is one transaction that stores once by the outbound row's id",
 # the notifications of one hook
 "hook_first":       "hook: a notification is claimed only while no earlier one of its hook is unfinished",
 "hook_committed":   "hook: a post asks whether an earlier one is unfinished once it is committed itself",
 "hook_next":        "hook: whoever has worked on one looks for the next of the hook",
 "hook_next_after":  "hook: ... after its own commit, in a new statement",
 "hook_fence":       "hook: the batch's transaction gives the lease back WHERE token, or is rolled back",
 "hook_one_tx":      "hook: the batch's rows and how far the notification is are one transaction",
 "hook_sweep":       "hook: a sweep wakes the first unfinished notification of a hook that nobody works on",
 # the lines of the broker
 "order_busy":       "order: an owner with many messages at this moment waits in the middle line, not in the first",
 "order_sweep":      "order: what a sweep finds goes to the middle line, whatever line it was in",
 "order_fifo":       "order: within a line the oldest first",
 "order_rows":       "order: a task names a row and carries nothing; the row says what is to be done",
}
MAX = 3          # attempts for an inbound row
K = 1            # turns per drain in the model
BORN = "--born" in sys.argv   # the variant of the common case, see the document
CAP = 2          # wake-ups in the broker per conversation

IDLE, TAKE, LOOK, ATT, CALL, TX1, TX2, TX3, CLAIM, SEND, RENEW, MARK, DEF1, DEF2, REL, RECHK, RELB, PUB = range(18)
NAMES = "idle take look count call tx-fence tx-commit tx-done claim send renew mark defer-row defer-lease release look-again release-budget publish".split()
HOOK = 100

class Bad(Exception):
    pass

class Scenario:
    def __init__(self, name, msgs, parts=1, requests=None, hook=0, workers=2, convs=1, faultfree=False,
                 sweep=True, poison=(), drain=99, web=False, **budget):
        self.name, self.msgs, self.parts, self.hook = name, msgs, parts, hook      # msgs: conversation of each message
        self.req = requests or list(range(len(msgs)))                              # message of each web request
        self.workers, self.convs, self.faultfree, self.use_sweep = workers, convs, faultfree, sweep
        self.poison, self.drain, self.web = set(poison), drain, web
        self.model = "web" if web else "road"
        self.b = ["crash", "pause", "lose", "dup", "anslost", "r429", "webcrash", "cancel"]
        self.bud = tuple(budget.get(k, 0) for k in self.b)

SCENARIOS = [
 Scenario("no fault, no sweep", [0, 0], dup=1, faultfree=True, sweep=False),
 Scenario("no fault, no sweep, hook", [0], parts=2, hook=2, faultfree=True, sweep=False),
 Scenario("repeated webhooks", [0, 0], requests=[0, 1, 0], workers=1, webcrash=2, lose=1),
 Scenario("webhooks out of order", [0, 0, 0], workers=1, crash=1),
 Scenario("crash and loss", [0, 0], crash=2, lose=1, dup=1),
 Scenario("crash and pause", [0, 0], crash=1, pause=1),
 Scenario("pause, 429, lost answer", [0, 0], pause=1, anslost=1, r429=1),
 Scenario("two pauses", [0, 0], pause=2),
 Scenario("hook during a two-part answer", [0], parts=2, hook=2, pause=1, r429=1),
 Scenario("hook, crash, loss", [0], parts=2, hook=2, crash=1, lose=1),
 Scenario("poison message", [0, 0], poison=[0], workers=2),
 Scenario("operator parks in mid-flight", [0, 0], cancel=1, pause=1),
 Scenario("two conversations", [0, 0, 1], convs=2, workers=1, drain=K, crash=1),
 Scenario("two conversations, two workers", [0, 1], convs=2, workers=2, pause=1),
 # from here on: the web chat (14-17). Its provider is in the same database.
 Scenario("web: repeats and killed web", [0, 0], requests=[0, 1, 0], workers=1, web=True, webcrash=1),
 Scenario("web: crash and lost COMMIT", [0, 0], workers=1, web=True, crash=1, anslost=1),
 Scenario("web: two pauses", [0], web=True, pause=2),
 Scenario("web: pause, crash, two parts", [0], parts=2, web=True, pause=1, crash=1, anslost=1),
]

class HookScenario:
    """Posts to one hook, each with so many batches of recipients."""
    model = "hook"
    def __init__(self, name, posts, batches=1, workers=2, faultfree=False, sweep=True, **budget):
        self.name, self.posts, self.batches, self.workers = name, posts, batches, workers
        self.faultfree, self.use_sweep = faultfree, sweep
        self.b = ["crash", "pause", "lose", "dup", "webcrash"]
        self.bud = tuple(budget.get(k, 0) for k in self.b)

class OrderScenario:
    """A flooding owner, who always has up to `flood` tasks waiting, and one task of another in a line."""
    model = "order"
    def __init__(self, name, line, flood, bound, lose=0):
        self.name, self.line, self.flood, self.bound, self.lose = name, line, flood, bound, lose

SCENARIOS += [
 HookScenario("hook: three posts, no fault, no sweep", 3, faultfree=True, sweep=False),
 HookScenario("hook: posts of two batches, crash, loss", 2, batches=2, crash=1, lose=1, webcrash=1),
 HookScenario("hook: crash and two pauses", 2, batches=2, crash=1, pause=2),
 OrderScenario("order: a person beside a flood", 0, 4, 0),
 OrderScenario("order: a notification beside a flood", 2, 4, 8),
 OrderScenario("order: ... and its task is lost", 2, 4, 13, lose=1),
]

class Model:
    def __init__(self, sc, off=(), zombie_is_bad=False):
        self.sc = sc
        self.r = {k: k not in off for k in RULES}
        self.zbad = zombie_is_bad

    def initial(self):
        sc = self.sc
        n = len(sc.req)
        return ((0,) * n, (("-", 0, 0),) * n, (), (), (), (),
                ((0, 0, 0, 0),) * sc.convs,
                ((IDLE, -1, -1, -1, 0, 0, 0, 0, 0),) * sc.workers,
                (0,) * sc.convs, 0, sc.bud) + (((), 0, 0),) * sc.web

    # ---- helpers on the mutable copy
    def msgconv(self, row):
        return self.sc.msgs[self.sc.req[row]]

    def pending(self, s, c):
        rows = [r for r in s[2] if s[1][r][0] == "p" and self.msgconv(r) == c]
        if not self.r["pick_by_status"]:
            done = [s[2].index(r) for r in s[3] if self.msgconv(r) == c]
            last = max(done) if done else -1
            rows = [r for r in rows if s[2].index(r) > last]
        if self.r["provider_order"]:
            rows.sort(key=lambda r: (self.sc.req[r], s[2].index(r)))
        return rows

    def unfinished(self, s, c):
        return [i for i, o in enumerate(s[4]) if o[4] == c and o[2] in "PSB"]

    def head_out(self, s, c):
        todo = [i for i in self.unfinished(s, c) if s[4][i][2] != "B"]
        if not todo:
            return None
        if self.r["group_whole"]:
            begun = [i for i in todo if s[4][i][1] > 0 and all(s[4][j][2] in "XK-" for j in range(len(s[4]))
                     if s[4][j][0] == s[4][i][0] and s[4][j][1] < s[4][i][1])] + [i for i in todo if s[4][i][3] > 0]
            if begun:
                return begun[0]
        return todo[0]

    def work(self, s, c):
        return bool(self.pending(s, c)) or self.head_out(s, c) is not None

    def mine(self, s, w, c):
        o = s[6][c][0]
        return o == w + 1 if self.r["fresh_token"] else o != 0

    def really(self, s, w, c):
        return s[6][c][0] == w + 1

    def goal(self, s):
        sc = self.sc
        for m in range(len(sc.msgs)):
            rows = [r for r in range(len(sc.req)) if sc.req[r] == m]
            if not any(s[1][r][0] in "dk" for r in rows) or any(s[1][r][0] in "pu" for r in rows):
                return False
            if s[0][rows[0]] != 9:
                return False
        if any(o[2] in "PSBu" for o in s[4]):
            return False
        if sc.hook and s[9] != 5:
            return False
        if sc.web and s[11][1] != max((e[0] for e in s[11][0]), default=0):
            return False                                           # the page has not read everything
        return True

    # ---- the web chat: what the page shows. s[11] = entries (number, key, committed), the page's cursor, the lock
    def free(self, s, who):
        """-> may this transaction append? who: request q is q + 1"""
        return not self.sc.web or not self.r["visitor_lock"] or s[11][2] in (0, who)

    def append(self, m, key, committed, who):
        """-> the number; that of the earlier entry where there is one with this key"""
        entries, cursor, lock = m[11]
        rule = "store_key" if key[0] == "bot" else "said_key"
        same = [e for e in entries if e[1] == key]
        if same and self.r[rule] and same[0][2]:
            return same[0][0]
        if same and same[0][2]:
            raise Bad(f"{key[0]} {key[1]} is shown a second time")
        number = max((e[0] for e in entries), default=0) + 1
        m[11] = [entries + ((number, key, committed),), cursor, lock if committed else who]
        if committed:
            self.late(number, cursor)
        return number

    def late(self, number, cursor):
        if number < cursor:
            raise Bad(f"number {number} is committed when the page has read on to {cursor}: it is never seen")

    def settle(self, m, key, keep):
        """The transaction that appended `key` ends: COMMIT or rolled back."""
        entries, cursor, lock = m[11]
        if keep:
            for n, k, c in entries:
                if k == key and not c:
                    self.late(n, cursor)
        entries = tuple((n, k, 1) if k == key else (n, k, c) for n, k, c in entries if keep or k != key or c)
        m[11] = [entries, cursor, 0]

    def web_requests(self, s, mut, emit, bud, spend):
        """A person's POST: BEGIN, lock, append, INSERT; COMMIT; wake-up and 202. The page comes again until then."""
        sc, R = self.sc, self.r
        for q, pc in enumerate(s[0]):
            msg = sc.req[q]
            first = sc.req.index(msg) == q
            c = sc.msgs[msg]
            tag = f"POST {q} (message {msg}{'' if first else ', again'})"
            if pc == 0 and (first or s[0][sc.req.index(msg)] >= 1) and self.free(s, q + 1):
                if any(e[1] == ("person", msg) and not e[2] for e in s[11][0]):
                    continue                                        # waits for the unique key of an open transaction
                known = any(e[1] == ("person", msg) for e in s[11][0])
                m = mut(); self.append(m, ("person", msg), 0, q + 1)
                stored = any(sc.req[r] == msg and s[1][r][0] != "-" for r in range(len(sc.req)))
                if known:
                    m[0][q] = 9 if stored or not R["said_one_tx"] else 1
                    emit(f"{tag}: lock, the key is there already: 202 with the same number", m)
                    continue
                m[0][q] = 1
                if R["said_one_tx"] and not stored:
                    m[1][q] = ("u", 0, 0); m[2] = m[2] + [q]
                emit(f"{tag}: BEGIN, lock, message" + (" and inbox row" if R["said_one_tx"] else ""), m)
            elif pc == 1:
                m = mut(); self.settle(m, ("person", msg), True)
                if R["said_one_tx"]:
                    m[0][q] = 2; m[1][q] = ("p", 0, 0)
                else:
                    m[0][q] = 3
                emit(f"{tag}: COMMIT", m)
                if bud["webcrash"]:
                    m = mut(); spend(m, "webcrash"); self.settle(m, ("person", msg), False)
                    if R["said_one_tx"]:
                        m[1][q] = ("-", 0, 0); m[2].remove(q)
                    m[0][q] = 0 if R["said_again"] else 9
                    emit(f"{tag}: process killed, rolled back", m, False)
            elif pc == 3:
                m = mut(); m[0][q] = 2; m[1][q] = ("p", 0, 0); m[2] = m[2] + [q]; emit(f"{tag}: INSERT inbox row, COMMIT", m)
                if bud["webcrash"]:
                    m = mut(); spend(m, "webcrash"); m[0][q] = 0; emit(f"{tag}: process killed before the inbox row", m, False)
            elif pc == 2:
                m = mut(); m[0][q] = 9; m[8][c] = min(CAP, m[8][c] + 1); emit(f"{tag}: wake-up published, 202", m)
                if bud["webcrash"]:
                    m = mut(); spend(m, "webcrash"); m[0][q] = 0 if R["said_again"] else 9
                    emit(f"{tag}: process killed after COMMIT, before publish and 202", m, False)
        entries, cursor, lock = s[11]
        top = max((n for n, k, c in entries if c), default=0)
        if top > cursor:
            m = mut(); m[11] = [entries, top, lock]; emit(f"page: reads after {cursor}, up to {top}", m)

    # ---- successors: yields (label, state, fair)
    def succ(self, s):
        sc, R = self.sc, self.r
        out = []

        def mut():
            return [list(x) if isinstance(x, tuple) else x for x in s]

        def emit(label, m, fair=True):
            out.append((label, tuple(tuple(x) if isinstance(x, list) else x for x in m), fair))   # s[11] too

        def wk(m, w, **kw):
            f = dict(zip(("pc", "cv", "row", "o", "my", "base", "turns", "stale", "calls"), m[7][w]))
            f.update(kw)
            pc = f["pc"]
            if pc in (TAKE, LOOK, DEF2, REL, RECHK, RELB, PUB):      # forget what no later step reads
                f.update(row=-1, o=-1, my=0, base=0)
            if pc in (CLAIM, SEND, RENEW, MARK, DEF1):
                f.update(row=-1 if pc != CALL else f["row"], base=0)
            if pc in (TAKE, DEF2, REL, RECHK, RELB, PUB):
                f.update(turns=0, stale=0, calls=0)
            if R["renew"]:
                f["calls"] = 0
            f["turns"] = min(f["turns"], sc.drain if sc.drain < 99 else 0)
            if pc == IDLE:
                m[7][w] = (IDLE, -1, -1, -1, 0, 0, 0, 0, 0)
            else:
                m[7][w] = tuple(f.values())

        def conv(m, c, **kw):
            f = dict(zip(("owner", "exp", "blk", "lock"), m[6][c]))
            f.update(kw)
            m[6][c] = tuple(f.values())

        def zcheck(w, c, what):
            if self.zbad and not self.really(s, w, c):
                raise Bad(f"worker {w+1} writes ({what}) after it lost the lease")

        bud = dict(zip(sc.b, s[10]))

        def spend(m, k):
            m[10][sc.b.index(k)] -= 1

        # ---- web requests
        if sc.web:
            self.web_requests(s, mut, emit, bud, spend)
        for q, pc in enumerate(s[0]) if not sc.web else ():
            msg = sc.req[q]
            first = sc.req.index(msg) == q
            c = sc.msgs[msg]
            if pc == 0 and (first or s[0][sc.req.index(msg)] >= 1):
                others = [r for r in range(len(sc.req)) if sc.req[r] == msg and s[1][r][0] != "-"]
                tag = f"web request {q} (message {msg}{'' if first else ', again'})"
                if R["unique"] and any(s[1][r][0] in "pdk" for r in others):
                    m = mut(); m[0][q] = 9; emit(f"{tag}: INSERT refused, already on disk: 200", m)
                elif R["unique"] and any(s[1][r][0] == "u" for r in others):
                    if not R["dup_waits"]:
                        m = mut(); m[0][q] = 9
                        m[0][sc.req.index(msg)] = m[0][sc.req.index(msg)] if m[0][sc.req.index(msg)] else 0
                        m[0] = [(x + 10 if sc.req[i] == msg and x < 9 else x) for i, x in enumerate(m[0])]
                        emit(f"{tag}: 'seen already': 200 (the provider is content)", m)
                elif not R["ack_after_commit"]:
                    m = mut(); m[0][q] = 5; emit(f"{tag}: 200 at once", m)
                else:
                    m = mut(); m[0][q] = 1; m[1][q] = ("u", 0, 0); m[2] = m[2] + [q]
                    if not R["publish_after"]:
                        m[8][c] = min(CAP, m[8][c] + 1)
                    emit(f"{tag}: INSERT, id {len(m[2])}, not yet committed" + ("" if R["publish_after"] else "; wake-up published"), m)
            elif pc in (1, 11):
                m = mut(); m[0][q] = pc + 1; m[1][q] = ("p", 0, 0); emit(f"web request {q} (message {msg}): COMMIT", m)
                if bud["webcrash"]:
                    m = mut(); spend(m, "webcrash"); m[1][q] = ("-", 0, 0); m[2].remove(q)
                    m[0][q] = 0 if pc == 1 else 9
                    emit(f"web request {q} (message {msg}): process killed, rolled back" + ("" if pc == 1 else "; the provider will not come again"), m, False)
            elif pc in (2, 12):
                m = mut(); m[0][q] = 9
                if R["publish_after"]:
                    m[8][c] = min(CAP, m[8][c] + 1)
                emit(f"web request {q} (message {msg}): " + ("wake-up published, " if R["publish_after"] else "") + "200", m)
                if bud["webcrash"]:
                    m = mut(); spend(m, "webcrash"); m[0][q] = 0 if pc == 2 else 9
                    emit(f"web request {q} (message {msg}): process killed after COMMIT, before publish and 200", m, False)
            elif pc == 5 and R["unique"] and any(sc.req[r] == msg and s[1][r][0] != "-" for r in range(len(sc.req))):
                m = mut(); m[0][q] = 9; emit(f"web request {q} (message {msg}): INSERT refused, already there", m)
            elif pc == 5:
                m = mut(); m[0][q] = 6; m[1][q] = ("u", 0, 0); m[2] = m[2] + [q]; emit(f"web request {q} (message {msg}): INSERT", m)
                if bud["webcrash"]:
                    m = mut(); spend(m, "webcrash"); m[0][q] = 9; emit(f"web request {q} (message {msg}): process killed", m, False)
            elif pc == 6:
                m = mut(); m[0][q] = 2; m[1][q] = ("p", 0, 0); emit(f"web request {q} (message {msg}): COMMIT", m)

        # ---- hook broadcast to conversation 0
        if sc.hook:
            h = s[9]
            if h == 0:
                m = mut(); m[9] = 1
                emit("hook POST accepted, " + ("stored as a row" if R["hook_row"] else "the data is in the broker only"), m)
            elif h == 1:
                m = mut(); m[9] = 2; m[4].append((HOOK, 0, "u", 0, 0)); emit("hook: INSERT part 0, not yet committed", m)
                if not R["hook_row"] and bud["lose"]:
                    m = mut(); spend(m, "lose"); m[9] = 8; emit("the broker loses the hook's message", m, False)
            elif h == 2:
                m = mut(); m[9] = 3; m[4].append((HOOK, 1, "u", 0, 0)); emit("hook: INSERT part 1", m)
                if bud["crash"]:
                    m = mut(); spend(m, "crash"); m[9] = 1 if R["hook_row"] else 8
                    m[4] = [(o[0] + 1 if o[2] == "u" else o[0], o[1], "-" if o[2] == "u" else o[2], o[3], o[4]) for o in m[4]]
                    emit("hook: worker killed, rolled back", m, False)
            elif h == 3:
                m = mut(); m[9] = 4; m[4] = [(o[0], o[1], "P" if o[2] == "u" else o[2], o[3], o[4]) for o in m[4]]
                emit("hook: COMMIT", m)
            elif h == 4:
                m = mut(); m[9] = 5; m[8][0] = min(CAP, m[8][0] + 1); emit("hook: wake-up published", m)
                if bud["crash"]:
                    m = mut(); spend(m, "crash"); m[9] = 5; emit("hook: worker killed before publish", m, False)

        # ---- broker, time, sweep, operator
        for c in range(sc.convs):
            own, exp, blk, lock = s[6][c]
            if s[8][c] and bud["lose"]:
                m = mut(); spend(m, "lose"); m[8][c] -= 1; emit(f"the broker loses a wake-up of conversation {c}", m, False)
            if s[8][c] and s[8][c] < CAP and bud["dup"]:
                m = mut(); spend(m, "dup"); m[8][c] += 1; emit(f"the broker doubles a wake-up of conversation {c}", m, False)
            if own and not exp:
                w = own - 1
                live = own <= sc.workers
                m = mut(); conv(m, c, exp=1)
                if live:
                    wk(m, w, stale=1)
                if not live:
                    emit(f"time: the dead worker's lease of conversation {c} runs out", m)
                elif not R["renew"] and s[7][w][8] >= 2:
                    emit(f"time: the lease of conversation {c} runs out under worker {w+1}, alive and busy", m)
                elif bud["pause"]:
                    spend(m, "pause")
                    emit(f"worker {w+1} is paused before '{NAMES[s[7][w][0]]}'; its lease of conversation {c} runs out", m, False)
            if blk:
                m = mut(); conv(m, c, blk=0); emit(f"time: conversation {c} is due", m)
            for i, o in enumerate(s[4]):
                if o[2] == "B" and o[4] == c:
                    m = mut(); m[4][i] = (o[0], o[1], "P", o[3], o[4]); emit("time: the deferred message is due", m)
            if sc.use_sweep and R["sweep"] and s[8][c] == 0 and not blk:
                free = own == 0 or (exp and R["sweep_expired"])
                outs = [i for i in self.unfinished(s, c) if s[4][i][2] != "B" and (R["sweep_started"] or s[4][i][2] == "P")] if R["sweep_outbound"] else []
                if free and (self.pending(s, c) or outs):
                    m = mut(); m[8][c] += 1; emit(f"sweep: wake-up for conversation {c}", m)
        if bud["cancel"]:
            for r, x in enumerate(s[1]):
                if x[0] == "p":
                    m = mut(); spend(m, "cancel"); m[1][r] = ("k", x[1], x[2]); emit(f"operator parks message {sc.req[r]}", m, False)

        # ---- workers
        for w in range(sc.workers):
            pc, c, row, oi, my, base, turns, stale, calls = s[7][w]
            W = f"worker {w+1}: "
            if pc == IDLE:
                for c2 in range(sc.convs):
                    own, exp, blk, lock = s[6][c2]
                    if s[8][c2] and lock in (0, w + 1):
                        m = mut(); m[8][c2] -= 1
                        if (own == 0 or exp or not R["lease"]) and not blk:
                            conv(m, c2, owner=w + 1, exp=0); wk(m, w, pc=LOOK, cv=c2)
                            emit(W + f"receives a wake-up of conversation {c2}, takes the lease", m)
                        else:
                            emit(W + f"receives a wake-up of conversation {c2}, which is " + ("not due" if blk else "taken") + ": drops it", m)
                continue
            own, exp, blk, lock = s[6][c]
            lockfree = lock in (0, w + 1)
            if bud["crash"]:
                m = mut(); spend(m, "crash"); wk(m, w, pc=IDLE)
                if lock == w + 1:
                    conv(m, c, lock=0)
                if own == w + 1:
                    conv(m, c, owner=3)
                emit(W + f"killed before '{NAMES[pc]}'", m, False)

            def lost(why):
                m = mut(); wk(m, w, pc=IDLE); emit(W + why + ": 0 rows, the lease is not mine: stops", m)

            if pc == TAKE:
                if not lockfree:
                    continue
                if (own == 0 or exp or not R["lease"]) and not blk:
                    m = mut(); conv(m, c, owner=w + 1, exp=0)
                    wk(m, w, pc=LOOK, row=-1, o=-1, my=0, base=0, turns=0, stale=0, calls=0)
                    emit(W + f"takes the lease of conversation {c}", m)
                else:
                    m = mut(); wk(m, w, pc=IDLE); emit(W + f"conversation {c} is " + ("not due" if blk else "taken") + ": drops the wake-up", m)
            elif pc == LOOK:
                o, p = self.head_out(s, c), self.pending(s, c)
                m = mut()
                if o is not None:
                    wk(m, w, pc=CLAIM if R["claim"] else SEND, o=o, row=-1, my=0)
                    emit(W + f"looks: outbound {self.key(s, o)} is next", m)
                elif p and turns >= sc.drain and R["drain_budget"]:
                    wk(m, w, pc=RELB, row=-1, o=-1); emit(W + f"has had its {sc.drain} turn(s), more is waiting", m)
                elif p:
                    r = p[0]
                    if any(sc.req[x] < sc.req[r] for x in range(len(sc.req)) if s[1][x][0] == "p" and self.msgconv(x) == c):
                        raise Bad(f"message {sc.req[r]} is picked while an earlier one (by the provider's count) is pending")
                    wk(m, w, pc=ATT, row=r, o=-1, base=len([x for x in s[3] if self.msgconv(x) == c]))
                    emit(W + f"looks: message {sc.req[r]} is next", m)
                else:
                    wk(m, w, pc=REL, row=-1, o=-1); emit(W + "looks: nothing to do", m)
            elif pc == ATT:
                st, att, api = s[1][row]
                if not self.mine(s, w, c):
                    lost(f"UPDATE attempts of message {sc.req[row]}")
                elif st != "p":
                    m = mut(); wk(m, w, pc=LOOK); emit(W + "the message is no longer pending", m)
                elif att >= MAX:
                    zcheck(w, c, "park")
                    if sc.req[row] not in sc.poison:
                        raise Bad(f"message {sc.req[row]} is parked though nothing is wrong with it")
                    m = mut(); m[1][row] = ("k", att, api); wk(m, w, pc=LOOK); emit(W + f"parks message {sc.req[row]} after {att} attempts", m)
                else:
                    zcheck(w, c, "attempts")
                    if sc.drain == K and turns >= K and any(s[8][x] for x in range(sc.convs) if x != c) and not any(
                            s[7][x][0] == IDLE for x in range(sc.workers)):
                        raise Bad(f"a turn beyond the budget of {K} begins while another conversation waits for a worker")
                    m = mut()
                    if R["count_first"]:
                        m[1][row] = ("p", att + 1, api)
                    wk(m, w, pc=CALL); emit(W + f"message {sc.req[row]}: " + (f"attempts = {att+1}, " if R["count_first"] else "") + "turn begins", m)
            elif pc == CALL:
                st, att, api = s[1][row]
                m = mut()
                m[1][row] = (st, att, min(3, api + 1) if sc.faultfree else 0)
                if sc.faultfree and api:
                    raise Bad(f"without any fault the user's API is called twice for message {sc.req[row]}")
                if sc.req[row] in sc.poison:
                    wk(m, w, pc=IDLE)
                    if own == w + 1:
                        conv(m, c, owner=3)
                    emit(W + f"message {sc.req[row]} kills the process", m)
                else:
                    wk(m, w, pc=TX1, calls=min(2, calls + 1)); emit(W + f"calls the user's API for message {sc.req[row]}", m)
            elif pc == TX1:
                if not lockfree:
                    continue
                if R["fence_turn"] and not self.mine(s, w, c):
                    lost("BEGIN; check of the token")
                else:
                    m = mut(); wk(m, w, pc=TX2)
                    if R["fence_turn"] and R["fence_locks"]:
                        conv(m, c, lock=w + 1)
                    emit(W + "BEGIN" + ("; UPDATE lease .. WHERE token: 1 row, locked" if R["fence_locks"] and R["fence_turn"] else "; SELECT token: still mine" if R["fence_turn"] else ""), m)
            elif pc == TX2:
                if not lockfree:
                    continue
                st, att, api = s[1][row]
                if st != "p" and R["status_check"]:
                    m = mut(); wk(m, w, pc=LOOK)
                    if lock == w + 1:
                        conv(m, c, lock=0)
                    emit(W + f"UPDATE message {sc.req[row]} to done WHERE pending: 0 rows, ROLLBACK", m)
                else:
                    zcheck(w, c, "turn")
                    if st == "k":
                        raise Bad(f"message {sc.req[row]} was parked by the operator and is answered all the same")
                    if any(sc.req[x] == sc.req[row] for x in s[3]):
                        raise Bad(f"message {sc.req[row]} is answered twice: the state is applied a second time")
                    if base != len([x for x in s[3] if self.msgconv(x) == c]):
                        raise Bad(f"the turn of message {sc.req[row]} is committed over a chat state it has not read")
                    m = mut()
                    m[3].append(row)
                    for p in range(sc.parts):
                        m[4].append((sc.req[row], p, "P", 0, c))
                    if R["one_tx"]:
                        m[1][row] = ("d", att if R["count_first"] else att + 1, api)
                    if own == w + 1 and R["renew"]:
                        conv(m, c, exp=0)
                        wk(m, w, stale=0, calls=0)
                    if lock == w + 1:
                        conv(m, c, lock=0)
                    wk(m, w, pc=LOOK if R["one_tx"] else TX3, turns=turns + 1)
                    if BORN:            # the first row is written as started by me: saves the claim's round trip
                        i = len(m[4]) - sc.parts
                        m[4][i] = (sc.req[row], 0, "S", 1, c)
                        wk(m, w, pc=SEND, o=i, my=1)
                    emit(W + f"state, {sc.parts} outbound row(s)" + (f", message {sc.req[row]} done" if R["one_tx"] else "") + ": COMMIT", m)
            elif pc == TX3:
                m = mut(); m[1][row] = ("d",) + s[1][row][1:]; wk(m, w, pc=LOOK); emit(W + f"message {sc.req[row]} done: COMMIT", m)
            elif pc == CLAIM:
                src, part, st, att, cv = s[4][oi]
                if R["fence_claim"] and not self.mine(s, w, c):
                    lost(f"UPDATE outbound {self.key(s, oi)} to started")
                elif st not in "PS":
                    m = mut(); wk(m, w, pc=LOOK); emit(W + f"outbound {self.key(s, oi)} is finished already", m)
                else:
                    zcheck(w, c, "claim")
                    m = mut(); m[4][oi] = (src, part, "S", att + 1, cv); wk(m, w, pc=SEND, my=att + 1)
                    emit(W + f"outbound {self.key(s, oi)}: started, attempt {att+1}", m)
            elif pc == SEND:
                if not self.free(s, 0):
                    continue
                if stale and R["deadline"]:
                    m = mut(); wk(m, w, pc=RENEW); emit(W + "my lease is over by my own clock: renew before sending", m)
                    continue
                src, part, st, att, cv = s[4][oi]
                k = (src, part)
                if bud["r429"]:
                    m = mut(); spend(m, "r429"); wk(m, w, pc=DEF1, calls=min(2, calls + 1)); emit(W + f"sends {self.key(s, oi)}: 429", m, False)
                self.check_send(s, oi)
                for lostans in ((0, 1) if bud["anslost"] else (0,)):
                    m = mut()
                    if sc.web:
                        self.append(m, ("bot", k), 1, 0)
                    if not sc.web or k not in s[5]:
                        m[5].append(k)
                    if lostans:
                        spend(m, "anslost")
                    wk(m, w, pc=DEF1 if lostans else MARK, calls=min(2, calls + 1))
                    known = " (there already)" if sc.web and k in s[5] else ""
                    emit(W + f"sends {self.key(s, oi)}: accepted{known}" + (", but the answer is lost" if lostans else ""), m, not lostans)
            elif pc == RENEW:
                if not lockfree:
                    continue
                if not self.mine(s, w, c):
                    lost("UPDATE lease (renew)")
                else:
                    m = mut(); conv(m, c, exp=0); wk(m, w, pc=SEND, stale=0, calls=0); emit(W + "renews the lease", m)
            elif pc == MARK:
                src, part, st, att, cv = s[4][oi]
                m = mut()
                if not R["claim"]:
                    m[4][oi] = (src, part, "X", max(att, 1), cv)
                elif (st == "S" and att == my) or not R["mark_by_attempt"]:
                    m[4][oi] = (src, part, "X", att, cv)
                wk(m, w, pc=LOOK, o=-1, my=0)
                emit(W + f"marks {self.key(s, oi)} sent" + ("" if m[4][oi] != s[4][oi] else ": 0 rows, another attempt owns it"), m)
            elif pc == DEF1:
                src, part, st, att, cv = s[4][oi]
                m = mut()
                if not R["mark_by_attempt"] or (st == "S" and att == my) or (not R["claim"] and st == "P"):
                    m[4][oi] = (src, part, "P" if R["head_blocks"] else "B", att, cv)
                wk(m, w, pc=DEF2, o=-1, my=0)
                emit(W + f"puts {self.key(s, oi)} back to pending" + ("" if m[4][oi] != s[4][oi] else ": 0 rows"), m)
            elif pc in (DEF2, REL, RELB):
                if not lockfree:
                    continue
                if R["fence_release"] and not self.mine(s, w, c):
                    lost("UPDATE lease (release)")
                    continue
                zcheck(w, c, "release")
                m = mut(); conv(m, c, owner=0, exp=0)
                if pc == DEF2 and R["head_blocks"]:
                    conv(m, c, blk=1); wk(m, w, pc=IDLE); emit(W + "releases the lease, due later", m)
                else:
                    wk(m, w, pc=(PUB if pc == RELB else RECHK if R["look_again"] else IDLE)); emit(W + "releases the lease", m)
            elif pc == PUB:
                m = mut(); m[8][c] = min(CAP, m[8][c] + 1); wk(m, w, pc=IDLE); emit(W + f"publishes a wake-up for conversation {c}", m)
            elif pc == RECHK:
                m = mut(); wk(m, w, pc=TAKE if self.work(s, c) else IDLE)
                emit(W + "looks once more: " + ("there is work" if self.work(s, c) else "nothing"), m)
        return out

    def key(self, s, oi):
        src, part = s[4][oi][:2]
        return f"{'hook' if src == HOOK else 'answer ' + str(src)}.{part}"

    def check_send(self, s, oi):
        src, part, st, att, cv = s[4][oi]
        k, log = (src, part), s[5]
        name = self.key(s, oi)
        if st == "X" and self.r["mark_by_attempt"] and not self.sc.web:
            raise Bad(f"{name} is sent again after it was marked sent")
        if k in log and self.sc.web:
            return                                                  # append() knows it by its key, or says that it is bad
        if k in log:
            if self.sc.faultfree:
                raise Bad(f"without any fault {name} is sent twice")
            if self.r["claim"] and log.count(k) + 1 > att or not self.r["claim"]:
                raise Bad(f"{name} is sent twice and the row does not show it (sends > attempts)")
            mine = [x for x in log if self.conv_of(s, x) == cv]
            if mine[-1] != k:
                raise Bad(f"{name} comes again after a newer message")
            return
        for i, o in enumerate(s[4]):
            if o[4] != cv or o[2] in "XK-u":
                continue
            if o[0] == src and o[1] < part:
                raise Bad(f"{name} is sent before part {o[1]} of the same answer")
            if o[0] != src and o[0] < HOOK and src < HOOK:
                order = [self.sc.req[x] for x in s[3]]
                if order.index(o[0]) < order.index(src):
                    raise Bad(f"{name} is sent before {self.key(s, i)}, which was answered first")
            if o[0] != src and o[1] > 0 and (o[0], 0) in log:
                raise Bad(f"{name} is sent between two parts of {'the hook' if o[0] == HOOK else 'answer ' + str(o[0])}")

    def conv_of(self, s, k):
        return next(o[4] for o in s[4] if (o[0], o[1]) == k)

    # ---- two workers are alike: keep one of each pair of mirror images
    def canon(self, s):
        if self.sc.workers != 2 or s[7][0] < s[7][1]:
            return s
        sw = {0: 0, 1: 2, 2: 1, 3: 3}
        t = s[:6] + (tuple((sw[o], e, b, sw[l]) for o, e, b, l in s[6]), (s[7][1], s[7][0])) + s[8:]
        return t if s[7][0] > s[7][1] else min(s, t)

    def explore(self, limit=3_000_000):
        """-> (states, edges, None | (message, trace))"""
        s0 = self.canon(self.initial())
        ids, states, parent = {s0: 0}, [s0], [(-1, "start")]
        self.states = states
        back = [[]]
        edges, i = 0, 0
        goals = []
        while i < len(states):
            s = states[i]
            if self.goal(s):
                goals.append(i)
            try:
                nxt = self.succ(s)
            except Bad as e:
                tr, msg = self.trace(parent, i), str(e)
                try:
                    self.succ(self.last)
                except Bad as e2:
                    msg = str(e2)
                return len(states), edges, (msg, tr, "safety")
            for label, t, fair in nxt:
                edges += 1
                t = self.canon(t)
                j = ids.get(t)
                if j is None:
                    j = ids[t] = len(states)
                    states.append(t); parent.append((i, label)); back.append([])
                if fair:
                    back[j].append(i)
            i += 1
            if len(states) > limit:
                return len(states), edges, ("state limit reached", [], "limit")
        ok = bytearray(len(states))
        dq = deque(goals)
        for g in goals:
            ok[g] = 1
        while dq:
            for p in back[dq.popleft()]:
                if not ok[p]:
                    ok[p] = 1; dq.append(p)
        for i in range(len(states)):
            if not ok[i]:
                return len(states), edges, ("for ever unfinished: " + self.describe(states[i]), self.trace(parent, i), "liveness")
        return len(states), edges, None

    def describe(self, s):
        st = {"-": "not on disk", "u": "uncommitted", "p": "pending", "d": "done", "k": "parked"}
        so = {"P": "pending", "S": "started", "X": "sent", "K": "parked", "u": "uncommitted", "-": "rolled back", "B": "deferred"}
        a = [f"message {self.sc.req[r]} {st[x[0]]}" for r, x in enumerate(s[1]) if self.sc.req.index(self.sc.req[r]) == r]
        a += [f"{self.key(s, i)} {so[o[2]]}" for i, o in enumerate(s[4]) if o[2] not in "-"]
        if self.sc.hook and s[9] == 8:
            a.append("the hook's message is gone")
        return ", ".join(a)

    def trace(self, parent, i):
        path = []
        while i > 0:
            path.append(self.states[i])
            i = parent[i][0]
        s, t = self.initial(), []
        for want in path[::-1]:                    # replay, so that a worker keeps its name
            for label, n, fair in self.succ(s):
                if self.canon(n) == want:
                    s = n; t.append(label); break
            else:
                raise AssertionError("the trace cannot be replayed")
        self.last = s
        return t

class HookModel(Model):
    """The notifications of one hook: (posts, told, workers, tasks, budget).

    A post: (step of its web request, status, batches told, owner, whether the lease is over, what it asked early).
    A worker: (step, post, batches when it claimed, what it looked for too early).
    """
    STEPS = "idle select claim store store-progress look publish".split()

    def initial(self):
        sc = self.sc
        return (((0, "-", 0, 0, 0, 0),) * sc.posts, (), ((0, -1, 0, -1),) * sc.workers, (0,) * sc.posts, sc.bud)

    def goal(self, s):
        return all(p[0] == 9 and p[1] == "d" for p in s[0])

    def canon(self, s):
        return s

    def describe(self, s):
        names = {"-": "not stored", "u": "uncommitted", "p": "pending", "d": "done"}
        return ", ".join(f"post {i} {names[p[1]]}" for i, p in enumerate(s[0]))

    def first(self, s):
        return next((i for i, p in enumerate(s[0]) if p[1] == "p"), None)

    def succ(self, s):
        sc, R, out = self.sc, self.r, []
        posts, told, workers, tasks, budget = s
        bud = dict(zip(sc.b, budget))

        def go(label, fair=True, spend=None, post=None, w=None, task=(), say=None):
            ps, ws, ts, bs = list(posts), list(workers), list(tasks), list(budget)
            for i, kw in (post or {}).items():
                f = dict(zip(("pc", "st", "b", "own", "exp", "early"), ps[i])); f.update(kw); ps[i] = tuple(f.values())
            for i, v in (w or {}).items():
                ws[i] = v
            for i, d in task:
                ts[i] = min(CAP, ts[i] + d)
            if spend:
                bs[sc.b.index(spend)] -= 1
            out.append((label, (tuple(ps), told + ((say,) if say else ()), tuple(ws), tuple(ts), tuple(bs)), fair))

        idle = (0, -1, 0, -1)
        for i, (pc, st, b, own, exp, early) in enumerate(posts):
            unfinished_before = any(posts[j][1] == "p" for j in range(i))
            if pc == 0 and (i == 0 or posts[i - 1][0] == 9):
                if st != "-":
                    go(f"post {i} again: there already", post={i: dict(pc=2)})
                else:
                    go(f"post {i}: INSERT, not yet committed", post={i: dict(pc=1, st="u", early=int(not unfinished_before))})
            elif pc == 1:
                go(f"post {i}: COMMIT", post={i: dict(pc=2, st="p")})
                if bud["webcrash"]:
                    go(f"post {i}: process killed, rolled back", False, "webcrash", post={i: dict(pc=0, st="-")})
            elif pc == 2:
                wake = not unfinished_before if R["hook_committed"] else early
                go(f"post {i}: " + ("the first of its hook: task, 200" if wake else "an earlier one is unfinished: no task, 200"),
                   post={i: dict(pc=9, early=0)}, task=[(i, 1)] if wake else ())
                if bud["webcrash"]:
                    go(f"post {i}: process killed before its task and its 200", False, "webcrash", post={i: dict(pc=0)})
            if tasks[i] and bud["lose"]:
                go(f"the broker loses a task of post {i}", False, "lose", task=[(i, -1)])
            if tasks[i] == 1 and bud["dup"]:
                go(f"the broker doubles a task of post {i}", False, "dup", task=[(i, 1)])
            if own and not exp:
                if own > sc.workers:
                    go(f"time: the dead worker's lease of post {i} runs out", post={i: dict(exp=1)})
                elif bud["pause"]:
                    go(f"worker {own} is paused; its lease of post {i} runs out", False, "pause", post={i: dict(exp=1)})
            if sc.use_sweep and R["hook_sweep"] and st == "p" and (not own or exp) and not tasks[i] and (not unfinished_before or not R["hook_first"]):
                go(f"sweep: task for post {i}", task=[(i, 1)])
        for w, (pc, n, seen, early) in enumerate(workers):
            W = f"worker {w+1}: "
            if pc == 0:
                for i in range(sc.posts):
                    if tasks[i]:
                        go(W + f"receives a task of post {i}", w={w: (1, i, 0, -1)}, task=[(i, -1)])
                continue
            _, st, b, own, exp, _ = posts[n]
            if bud["crash"]:
                go(W + f"killed before '{self.STEPS[pc]}'", False, "crash", w={w: idle}, post={n: dict(own=sc.workers + 1)} if own == w + 1 else None)
            before = any(posts[j][1] == "p" for j in range(n))
            if pc == 1:
                ok = st == "p" and (not own or exp) and not (before and R["hook_first"])
                go(W + f"post {n} is " + ("claimable" if ok else "left alone"), w={w: (2, n, 0, -1) if ok else idle})
            elif pc == 2:
                if st == "p" and (not own or exp):
                    go(W + f"claims post {n}", w={w: (3, n, b, -1)}, post={n: dict(own=w + 1, exp=0)})
                else:
                    go(W + f"claims post {n}: 0 rows", w={w: idle})
            elif pc == 3:
                if not R["hook_next_after"] and R["hook_next"] and early == -1:
                    found = n if seen + 1 < sc.batches else next((j for j in range(n + 1, sc.posts) if posts[j][1] == "p"), -2)
                    go(W + f"looks for the next before its own commit: " + ("nothing" if found == -2 else f"post {found}"), w={w: (3, n, seen, found)})
                    continue
                if own != w + 1 and R["hook_fence"]:
                    go(W + f"gives the lease of post {n} back: 0 rows, ROLLBACK", w={w: idle})
                    continue
                if (n, seen) in told:
                    raise Bad(f"batch {seen} of post {n} gets its rows a second time")
                if before:
                    raise Bad(f"post {n} is told while post {next(j for j in range(n) if posts[j][1] == 'p')} is not told whole")
                progress = dict(b=seen + 1, st="d" if seen + 1 == sc.batches else "p", own=0, exp=0)
                if R["hook_one_tx"]:
                    go(W + f"batch {seen} of post {n}, progress, lease back: COMMIT", post={n: progress}, say=(n, seen), w={w: (5, n, 0, early)})
                else:
                    go(W + f"batch {seen} of post {n}: COMMIT", say=(n, seen), w={w: (4, n, seen, early)})
            elif pc == 4:
                go(W + f"progress of post {n}: COMMIT", post={n: dict(b=seen + 1, st="d" if seen + 1 == sc.batches else "p", own=0, exp=0)}, w={w: (5, n, 0, early)})
            elif pc == 5:
                found = self.first(s) if R["hook_next_after"] else (early if early >= 0 else None)
                if not R["hook_next"] or found is None or (R["hook_next_after"] and posts[found][3]):
                    go(W + "looks for the next of the hook: nothing to wake", w={w: idle})
                else:
                    go(W + f"looks for the next of the hook: post {found}", w={w: (6, found, 0, -1)})
            elif pc == 6:
                go(W + f"publishes a task of post {n}", w={w: idle}, task=[(n, 1)])
        return out


class OrderModel(Model):
    """The broker's three lines, one worker that takes from the lowest: (lines, the other's row, tasks it has waited for, losses).

    Lines hold "f" of the flood and "q" of the other. The flood is fuller than any fair share of it: whatever is taken is
    there again at once. The row: "w" waits, "d" done, "-" carried by the task alone.
    """
    SWEPT = 3      # tasks taken from one sweep to the next

    def initial(self):
        sc = self.sc
        lines = [(), (), ()]
        flood = 1 if self.r["order_busy"] else 0
        lines[flood] = ("f",) * sc.flood
        lines[sc.line] = lines[sc.line] + ("q",)
        return (tuple(lines), "w" if self.r["order_rows"] else "-", 0, sc.lose)

    def goal(self, s):
        return s[1] == "d"

    def canon(self, s):
        return s

    def describe(self, s):
        return "what the other posted is nowhere any more" if s[1] == "-" else "the other's task waits"

    def succ(self, s):
        sc, R, out = self.sc, self.r, []
        lines, row, waited, lose = s
        if row == "d":
            return out
        if lose and any("q" in line for line in lines):
            rest = tuple(tuple(x for x in line if x != "q") for line in lines)
            out.append(("the broker loses the other's task", (rest, row, waited, lose - 1), False))
        number = next(i for i, line in enumerate(lines) if line)
        line = lines[number]
        # without a first-in-first-out line the adversary takes any
        for place in (0,) if R["order_fifo"] else range(len(line)):
            task = line[place]
            rest = list(lines)
            rest[number] = line[:place] + line[place + 1:] + (("f",) if task == "f" else ())
            if task == "q":
                out.append(("worker: takes the other's task", (tuple(rest), "d", 0, lose), True))
                continue
            if waited >= sc.bound:
                raise Bad(f"a flood's {waited + 1} tasks were taken while the other's waited: no bound")
            swept = row == "w" and R["order_sweep"] and (waited + 1) % self.SWEPT == 0 and "q" not in lines[1]
            if swept:
                rest[1] = rest[1] + ("q",)
            out.append(("worker: takes a task of the flood" + ("; a sweep puts the other's into the middle line" if swept else ""),
                        (tuple(rest), row, waited + 1, lose), True))
        return out


MODELS = {"road": Model, "web": Model, "hook": HookModel, "order": OrderModel}

HINT = {  # where to look first (numbers of scenarios); --thorough looks everywhere
 "unique": [2], "dup_waits": [2], "ack_after_commit": [2], "publish_after": [0], "pick_by_status": [3, 0], "provider_order": [3],
 "lease": [0], "fresh_token": [5, 7], "fence_turn": [7, 5], "fence_locks": [7, 5], "status_check": [11], "one_tx": [4, 5],
 "count_first": [10], "claim": [4, 6], "fence_claim": [7, 6, 5], "deadline": [7, 6], "mark_by_attempt": [6, 7], "head_blocks": [6, 8],
 "group_whole": [1, 8], "fence_release": [7, 6, 5], "look_again": [0], "renew": [0], "drain_budget": [12],
 "sweep": [4], "sweep_expired": [4], "sweep_started": [4], "sweep_outbound": [4], "hook_row": [9],
 "said_key": [14], "said_one_tx": [14], "said_again": [14], "visitor_lock": [14], "store_key": [15, 16, 17],
 "hook_first": [19, 20], "hook_committed": [18], "hook_next": [18], "hook_next_after": [18], "hook_fence": [20], "hook_one_tx": [19],
 "hook_sweep": [19], "order_busy": [21], "order_sweep": [22], "order_fifo": [22], "order_rows": [23],
}

def find(rule, extra=(), thorough=False):
    """the shortest bad run; first the harm itself, only then 'wrote after it lost the lease'"""
    for z in (False, True):
        best = None
        for sc in SCENARIOS if thorough else [SCENARIOS[i] for i in HINT[rule]]:
            n, e, bad = MODELS[sc.model](sc, {rule, *extra}, z).explore(limit=700_000)
            if bad and bad[2] != "limit" and (best is None or len(bad[1]) < len(best[1][1])):
                best = (sc.name, bad)
        if best:
            return best
    return None

def main(argv):
    if "--rules" in argv:
        for k, v in RULES.items():
            print(f"{k:17} {v}")
    elif "--without" in argv:
        names = argv[argv.index("--without") + 1].split(",")
        for n in names:
            if n not in RULES:
                sys.exit(f"no rule {n!r}; --rules lists them")
        f = find(names[0], names[1:], "--thorough" in argv)
        if not f:
            print("no counterexample: the rule is not needed in these scenarios")
            return 1
        print(f"without {', '.join(names)}: {f[1][0]}\nscenario: {f[0]}")
        for i, x in enumerate(f[1][1], 1):
            print(f"{i:3} {x}")
        if f[1][2] == "safety":
            print(f"{len(f[1][1])+1:3} => {f[1][0]}")
    elif "--all" in argv:
        for k in [x for x in argv if x in RULES] or RULES:
            t = time.time()
            f = find(k, (), "--thorough" in argv)
            print(f"{k:17} " + (f"{len(f[1][1]):3} steps  [{f[0]}] {f[1][0]}" if f else "no counterexample") + f"  ({time.time()-t:.0f} s)", flush=True)
    else:
        total = 0
        rc = 0
        for sc in SCENARIOS:
            t = time.time()
            n, e, bad = MODELS[sc.model](sc, (), True).explore()
            total += n
            print(f"{sc.name:40} {n:9,} states {e:10,} steps {time.time()-t:6.1f} s  {'holds' if not bad else 'FAILS: ' + bad[0]}", flush=True)
            if bad:
                rc = 1
                for i, x in enumerate(bad[1], 1):
                    print(f"   {i:3} {x}")
        print(f"{total:,} states in all")
        return rc

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
