/// The dashboard: one page over `/api/…`, no outside parts. Everything it shows is set as text, never as markup.
enum DashboardPage {
    /// The document.
    static let html = style + body + script

    /// The picture of its tab: a sluice.
    static let icon = #"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#2563eb"/>
        <path d="M4 5h8M4 8h8M4 11h8" stroke="#fff" stroke-width="1.6"/></svg>
        """#

    private static let style = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Sluice</title>
        <style>
        :root { color-scheme: light dark; --bg: #f6f7f9; --card: #fff; --ink: #16202b; --soft: #647184; --line: #e2e6eb;
          --accent: #2563eb; --good: #16a34a; --warn: #b45309; --bad: #dc2626; }
        @media (prefers-color-scheme: dark) { :root { --bg: #0e141b; --card: #161e28; --ink: #e5eaf0; --soft: #8d9aab;
          --line: #263240; --accent: #60a5fa; --good: #4ade80; --warn: #fbbf24; --bad: #f87171; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--bg); color: var(--ink); font: 14px/1.5 system-ui, sans-serif; }
        header { display: flex; flex-wrap: wrap; gap: 6px 18px; align-items: center; padding: 16px 24px;
          background: var(--card); border-bottom: 1px solid var(--line); }
        header h1 { font-size: 20px; margin: 0; letter-spacing: -.02em; }
        main { max-width: 1280px; margin: 0 auto; padding: 20px 24px 60px; }
        .soft { color: var(--soft); }
        .push { margin-left: auto; }
        .badge { border-radius: 99px; padding: 1px 10px; font-size: 12px; border: 1px solid currentColor; }
        .good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; }
        .tile, section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
        .tile { padding: 12px 16px; }
        .tile b { display: block; font-size: 24px; font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.3; }
        .tile svg { width: 100%; height: 34px; display: block; }
        nav { display: flex; flex-wrap: wrap; gap: 4px; margin: 20px 0 12px; align-items: center; }
        #tabs { display: flex; flex-wrap: wrap; gap: 4px; }
        #tabs button { font: inherit; color: var(--soft); background: none; border: 0; border-radius: 8px; padding: 6px 14px;
          cursor: pointer; }
        #tabs button[aria-selected=true] { color: var(--ink); background: var(--card); box-shadow: 0 0 0 1px var(--line); }
        input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 8px;
          padding: 5px 12px; min-width: 220px; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
        section { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; }
        th { text-align: left; font-weight: 500; color: var(--soft); font-size: 12px; }
        th, td { padding: 8px 16px; border-bottom: 1px solid var(--line); vertical-align: top; max-width: 60ch; }
        tr:last-child td { border-bottom: 0; }
        td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        code { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: break-word; }
        .link { font: inherit; color: var(--accent); background: none; border: 0; padding: 0; text-align: left; cursor: pointer; }
        .link:hover { text-decoration: underline; }
        @media (max-width: 640px) { header, main { padding-left: 14px; padding-right: 14px; } th, td { padding: 8px 10px; }
          nav input { flex: 1 1 100%; } }
        details { margin-top: 12px; } summary { cursor: pointer; color: var(--soft); }
        form { display: flex; flex-wrap: wrap; gap: 8px; margin: 10px 0; align-items: start; }
        form button { font: inherit; color: var(--bg); background: var(--accent); border: 0; border-radius: 8px; padding: 6px 16px;
          cursor: pointer; }
        #asked { flex: 2 1 260px; } #method { min-width: 0; width: 90px; } #client { min-width: 0; width: 150px; }
        textarea { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 8px;
          padding: 5px 12px; flex: 1 1 200px; min-height: 34px; height: 34px; resize: vertical; }
        pre { margin: 0; padding: 12px 16px; font: 13px/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere;
          background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
        pre:empty { display: none; }
        .empty { padding: 28px; text-align: center; color: var(--soft); }
        </style>
        </head>
        """#

    private static let body = #"""
        <body>
        <header><h1>Sluice</h1><span class="badge" id="ready">…</span><span class="soft" id="about"></span>
          <span class="soft push" id="state" role="status"></span></header>
        <main>
        <div class="tiles">
          <div class="tile"><span class="soft">requests / s</span><b id="rate">-</b><svg viewBox="0 0 120 34"
            preserveAspectRatio="none" aria-hidden="true"><polyline id="spark" fill="none" stroke="var(--accent)"
            stroke-width="1.5" vector-effect="non-scaling-stroke"/></svg></div>
          <div class="tile"><span class="soft">errors 5xx / s</span><b id="rate5">-</b><span class="soft"
            id="classes"></span></div>
          <div class="tile"><span class="soft">in flight</span><b id="exchanges">-</b><span class="soft"
            id="connections"></span></div>
          <div class="tile"><span class="soft">hosts</span><b id="hosts">-</b><span class="soft" id="pools"></span></div>
          <div class="tile"><span class="soft">changes</span><b id="publishes">-</b><span class="soft"
            id="uptime"></span></div>
          <div class="tile"><span class="soft">findings</span><b id="findings">-</b><span class="soft"
            id="findingsText"></span></div>
        </div>
        <details id="explain"><summary>Explain a request</summary>
        <form id="ask"><input id="asked" placeholder="host/path" aria-label="Host and path" required>
          <input id="method" value="GET" aria-label="Method"><input id="client" placeholder="client address" aria-label="Client address">
          <textarea id="fields" placeholder="Name: value" aria-label="Header fields, one a line"></textarea>
          <button>Explain</button></form>
        <pre id="explanation" role="status"></pre></details>
        <nav><div role="tablist" id="tabs" aria-label="Tables"></div><input class="push" id="search" type="search"
          placeholder="Search ( / )" aria-label="Search" aria-keyshortcuts="/"></nav>
        <section id="view" role="tabpanel" tabindex="0" aria-label="Table"></section>
        <p class="soft" id="more"></p>
        </main>
        """#

    private static let script = #"""
        <script>
        const at = id => document.getElementById(id);
        const tabs = ["routes", "backends", "certificates", "changes", "diagnostics", "workers"];
        let tab = tabs.includes(location.hash.slice(1)) ? location.hash.slice(1) : "routes";
        let before = null, rates = [], drawn = "";

        function make(tag, text, cls) {
          const e = document.createElement(tag);
          if (text !== undefined && text !== null) e.textContent = text;
          if (cls) e.className = cls;
          return e;
        }
        function cell(value) {
          if (value instanceof Node) { const td = make("td"); td.append(value); return td; }
          return typeof value === "number" ? make("td", value.toLocaleString(), "n") : make("td", value);
        }
        function table(columns, rows) {
          if (!rows.length) return make("div", "Nothing here.", "empty");
          const t = make("table"), head = t.createTHead().insertRow(), body = t.createTBody();
          columns.forEach((c, i) => head.append(make("th", c, typeof rows[0][i] === "number" ? "n" : "")));
          for (const row of rows) body.insertRow().append(...row.map(cell));
          return t;
        }
        const code = text => make("code", text);
        const level = (text, cls) => make("span", text, cls);
        function duration(s) {
          const d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
          return d ? `${d} d ${h} h` : h ? `${h} h ${m} min` : m ? `${m} min ${s % 60} s` : `${s} s`;
        }
        function expiry(t) {
          const days = Math.floor((t - Date.now() / 1000) / 86400);
          const date = new Date(t * 1000).toISOString().slice(0, 10);
          return level(days < 0 ? `${date} (expired)` : `${date} (${days} d)`, days < 0 ? "bad" : days < 14 ? "warn" : "");
        }
        const some = (n, what) => `${n.toLocaleString()} ${what}${n === 1 ? "" : "s"}`;
        function target(t) {
          if (!t.backend) return level("answers " + t.status, "warn");
          const b = make("button", null, "link");
          b.append(code(t.backend)); b.title = "its servers";
          b.onclick = () => { at("search").value = t.backend; choose("backends"); at("view").focus(); };
          return b;
        }
        function took(us) {
          if (us === null) return level("-", "soft");
          return us < 1e6 ? `${(us / 1000).toFixed(1)} ms` : `${(us / 1e6).toFixed(2)} s`;
        }
        function health(h) {
          if (!h) return level("not checked", "soft");
          const e = level(`${h.state} · ${h.status}${h.code ? " " + h.code : ""} · ${h.milliseconds} ms`,
            !h.up ? "bad" : h.state === "UP" ? "good" : "warn");
          e.title = [h.meaning, h.info, h.agent].filter(Boolean).join(" · ");
          return e;
        }
        const views = {
          routes: d => table(["Host", "Path", "Match", "Goes to", "Ingress"], d.items.flatMap(h =>
            h.paths.map((p, i) => [i ? "" : code(h.host), code(p.path), p.match, target(p.target), p.ingress]))),
          backends: d => table(["Backend", "Server", "Address", "Health", "In flight", "Requests", "Failures"],
            d.items.flatMap(b => b.servers.length ? b.servers.map((s, i) => [i ? "" : code(b.name), s.name, code(s.address + (s.through || "")),
              health(s.health), s.active, s.requests, s.failures])
              : [[code(b.name), level("no servers: 503", "bad"), "", "", 0, 0, 0]])),
          certificates: d => table(["Certificate", "Served for", "Expires"], d.items.map(c =>
            [code(c.name), c.hosts.concat(c.isDefault ? ["everything else"] : []).join(", "), expiry(c.notAfter)])),
          changes: d => table(["When", "About", "Kind", "Reached every worker after"], d.items.map(c =>
            [new Date(c.at).toLocaleTimeString(), code(c.names.join(", ") + (c.others ? ` and ${c.others} more` : "")), c.kind,
              took(c.microseconds)])),
          diagnostics: d => table(["", "Object", "Field", "Finding", "Where"], d.items.map(f =>
            [level(f.severity, f.severity === "error" ? "bad" : "warn"), `${f.kind} ${f.object}`, code(f.field),
              `${f.message} (${f.reason})`, f.file ? `${f.file}:${f.line}` : ""])),
          workers: d => table(["Worker", "Connections", "In flight", "Requests", "Accepted", "To servers", "TLS handshakes",
            "Resumed"], d.items.map(w => [String(w.index), w.connections, w.exchanges, w.requests, w.accepted,
              w.serverConnections, w.handshakes, w.resumed]))
        };
        async function get(path) {
          const response = await fetch(path, { cache: "no-store" });
          if (!response.ok) throw new Error(response.status);
          return response.json();
        }
        function number(x) { return x >= 100 ? Math.round(x).toLocaleString() : x.toFixed(1); }
        function showInfo(i) {
          const now = performance.now();
          at("ready").textContent = i.ready ? "ready" : "not ready";
          at("ready").className = "badge " + (i.ready ? "good" : "bad");
          at("about").textContent = `${i.mode} · ${i.version}`;
          at("exchanges").textContent = i.exchanges.toLocaleString();
          at("connections").textContent = some(i.connections, "connection");
          at("hosts").textContent = i.hosts.toLocaleString();
          at("pools").textContent = `${some(i.backends, "backend")}, ${some(i.certificates, "certificate")}`;
          at("publishes").textContent = i.publishes.toLocaleString();
          at("uptime").textContent = "up " + duration(i.uptimeSeconds);
          at("findings").textContent = i.errors + i.warnings;
          at("findings").className = i.errors ? "bad" : i.warnings ? "warn" : "good";
          at("findingsText").textContent = `${some(i.errors, "error")}, ${some(i.warnings, "warning")}`;
          at("classes").textContent = ["2xx", "3xx", "4xx"].map(c => `${c} ${(i.responses[c] || 0).toLocaleString()}`).join(" · ");
          if (before && i.requests >= before.requests) {
            const seconds = (now - before.at) / 1000;
            const rate = (i.requests - before.requests) / seconds;
            rates.push(rate); if (rates.length > 60) rates.shift();
            at("rate").textContent = number(rate);
            at("rate5").textContent = number(((i.responses["5xx"] || 0) - before.errors) / seconds);
            const top = Math.max(1, ...rates);
            at("spark").setAttribute("points", rates.map((r, n) => `${n * 2},${32 - r / top * 30}`).join(" "));
          }
          before = { at: now, requests: i.requests, errors: i.responses["5xx"] || 0 };
        }
        async function refresh() {
          if (document.hidden) return;
          try {
            showInfo(await get("/api/info"));
            const wanted = tab, text = await get(`/api/${wanted}?limit=200&search=${encodeURIComponent(at("search").value)}`);
            const print = wanted + JSON.stringify(text);
            if (wanted === tab && print !== drawn) {
              drawn = print;
              at("view").replaceChildren(views[tab](text));
              at("more").textContent = text.matching > text.items.length
                ? `${text.items.length} of ${text.matching.toLocaleString()} shown; search to narrow.` : "";
            }
            at("state").textContent = "live"; at("state").className = "push good";
          } catch { at("state").textContent = "no connection"; at("state").className = "push bad"; before = null; }
        }
        function choose(name) {
          tab = name; history.replaceState(null, "", "#" + name);
          for (const b of at("tabs").children) {
            b.setAttribute("aria-selected", b.dataset.tab === tab);
            b.tabIndex = b.dataset.tab === tab ? 0 : -1;
          }
          return refresh();
        }
        for (const name of tabs) {
          const b = make("button", name[0].toUpperCase() + name.slice(1));
          b.dataset.tab = name; b.setAttribute("role", "tab"); b.onclick = () => choose(name);
          b.setAttribute("aria-controls", "view");
          at("tabs").append(b);
        }
        at("tabs").onkeydown = event => {
          const n = tabs.length, i = tabs.indexOf(tab);
          const next = { ArrowRight: (i + 1) % n, ArrowLeft: (i + n - 1) % n, Home: 0, End: n - 1 }[event.key];
          if (next === undefined) return;
          event.preventDefault(); choose(tabs[next]); at("tabs").children[next].focus();
        };
        document.onkeydown = event => {
          if (event.key === "Escape" && event.target === at("search")) { at("search").value = ""; refresh(); }
          if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || /INPUT|TEXTAREA/.test(event.target.tagName)) return;
          event.preventDefault(); at("search").focus();
        };
        onhashchange = () => { if (tabs.includes(location.hash.slice(1))) choose(location.hash.slice(1)); };
        at("search").oninput = () => refresh();
        at("ask").onsubmit = async event => {
          event.preventDefault();
          const words = new URLSearchParams({ request: at("asked").value.trim(), method: at("method").value.trim(),
            client: at("client").value.trim(), header: at("fields").value });
          try {
            at("explanation").textContent = await (await fetch("/api/explain?" + words, { cache: "no-store" })).text();
          } catch { at("explanation").textContent = "no connection"; }
        };
        choose(tab);
        setInterval(refresh, 2000);
        </script>
        </body></html>
        """#
}
