/// The page of the demo: shows which server answers, talks over a WebSocket and follows a stream. One document, no
/// outside parts.
enum DemoPage {
    /// The document.
    static let html = head + body + script

    private static let head = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Sluice demo</title>
        <style>
        :root { color-scheme: light dark; --bg: #f6f7f9; --card: #fff; --ink: #16202b; --soft: #647184; --line: #e2e6eb;
          --a: #2563eb; --b: #0d9488; --c: #d97706; --d: #9333ea; --bad: #dc2626; --good: #16a34a; }
        @media (prefers-color-scheme: dark) { :root { --bg: #0e141b; --card: #161e28; --ink: #e5eaf0; --soft: #8d9aab;
          --line: #263240; --a: #60a5fa; --b: #2dd4bf; --c: #fbbf24; --d: #c084fc; --bad: #f87171; --good: #4ade80; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--bg); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
        main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px; }
        h1 { margin: 0; font-size: 26px; letter-spacing: -.02em; }
        h2 { margin: 0 0 2px; font-size: 16px; }
        p { margin: 4px 0 14px; color: var(--soft); }
        code, .mono { font: 13px/1.5 ui-monospace, monospace; }
        .grid { display: grid; grid-template-columns: 1fr 1fr; gap: 18px; margin-top: 22px; }
        section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 18px 20px; min-width: 0; }
        .wide { grid-column: 1 / -1; }
        @media (max-width: 760px) { .grid { grid-template-columns: 1fr; } }
        button { font: inherit; color: var(--ink); background: none; border: 1px solid var(--line); border-radius: 8px;
          padding: 5px 14px; cursor: pointer; }
        button:hover { border-color: var(--a); }
        input { font: inherit; color: inherit; background: var(--bg); border: 1px solid var(--line); border-radius: 8px;
          padding: 5px 10px; width: 100%; }
        :focus-visible { outline: 2px solid var(--a); outline-offset: 1px; }
        .row { display: flex; gap: 10px; align-items: center; }
        .spread { justify-content: space-between; }
        .lane { display: grid; grid-template-columns: 90px 1fr 56px; gap: 12px; align-items: center; padding: 5px 0; }
        .track { display: flex; gap: 3px; height: 20px; overflow: hidden; justify-content: flex-end; }
        .track i { flex: none; width: 9px; height: 20px; border-radius: 3px; background: var(--line); }
        .track i.on { background: var(--lane); }
        .count { text-align: right; font-variant-numeric: tabular-nums; }
        .stats { display: flex; flex-wrap: wrap; gap: 4px 28px; margin-top: 12px; color: var(--soft); }
        .stats b { color: var(--ink); font-variant-numeric: tabular-nums; }
        .log { height: 172px; overflow: auto; border-top: 1px solid var(--line); margin-top: 12px; padding-top: 8px; }
        .log div { white-space: pre-wrap; overflow-wrap: anywhere; }
        .dim { color: var(--soft); }
        .dot { width: 9px; height: 9px; border-radius: 50%; background: var(--soft); }
        .dot.good { background: var(--good); } .dot.bad { background: var(--bad); }
        </style>
        </head>
        """#

    private static let body = #"""
        <body><main>
        <h1>Sluice</h1>
        <p>This page came through the proxy from <b id="self">one of the servers</b> behind
          <code id="host"></code>. Everything below does too.</p>
        <div class="grid">
        <section class="wide">
          <div class="row spread"><h2>Who answers</h2><button id="toggle">Pause</button></div>
          <p>A request every quarter of a second to <code>/echo</code>; the servers take turns.</p>
          <div id="lanes"></div>
          <div class="stats"><span>answered <b id="ok">0</b></span><span>failed <b id="failed">0</b></span>
            <span>last <b id="last">-</b></span><span>median <b id="median">-</b></span></div>
        </section>
        <section>
          <div class="row spread"><h2>WebSocket</h2><span class="row dim"><span id="wsState">connecting</span>
            <span class="dot" id="wsDot"></span></span></div>
          <p>One connection to <code>/ws</code> that stays; messages come back.</p>
          <form class="row" id="form"><input id="text" placeholder="Say something" aria-label="Message"
            autocomplete="off"><button>Send</button></form>
          <div class="log mono" id="wsLog" role="log"></div>
        </section>
        <section>
          <div class="row spread"><h2>Stream</h2><span class="row dim"><span id="esState">connecting</span>
            <span class="dot" id="esDot"></span></span></div>
          <p>Server-sent events from <code>/stream</code>, shown as they are written.</p>
          <div class="log mono" id="esLog" role="log" style="height: 222px"></div>
        </section>
        <section class="wide">
          <h2>What the server saw</h2>
          <p>The last request as it arrived behind the proxy.</p>
          <div class="log mono" id="seen" style="height: 260px"></div>
        </section>
        </div></main>
        """#

    private static let script = #"""
        <script>
        const at = id => document.getElementById(id);
        const colors = ["--a", "--b", "--c", "--d"], lanes = new Map(), times = [];
        let running = true, ok = 0, failed = 0;
        at("host").textContent = location.host;

        function lane(name) {
          if (lanes.has(name)) return lanes.get(name);
          const row = document.createElement("div"), label = document.createElement("b");
          const track = document.createElement("div"), count = document.createElement("div");
          row.className = "lane"; track.className = "track"; count.className = "count";
          row.style.setProperty("--lane", `var(${colors[lanes.size % colors.length]})`);
          label.textContent = name; label.style.color = "var(--lane)";
          row.append(label, track, count); at("lanes").append(row);
          const made = { track, count, hits: 0, color: row.style.getPropertyValue("--lane") };
          lanes.set(name, made);
          return made;
        }
        function mark(name) {
          lane(name).hits += 1;
          for (const [other, l] of lanes) {
            const cell = document.createElement("i");
            if (other === name) cell.className = "on";
            l.track.append(cell);
            while (l.track.children.length > 90) l.track.firstChild.remove();
            l.count.textContent = l.hits;
          }
        }
        function write(log, text, dim) {
          const line = document.createElement("div");
          line.textContent = text; if (dim) line.className = "dim";
          log.append(line);
          while (log.children.length > 200) log.firstChild.remove();
          log.scrollTop = log.scrollHeight;
        }
        function state(prefix, good, text) {
          at(prefix + "Dot").className = "dot " + (good ? "good" : "bad");
          at(prefix + "State").textContent = text;
        }
        async function ask() {
          if (!running || document.hidden) return;
          const start = performance.now();
          try {
            const response = await fetch("/echo?n=" + (ok + failed), { cache: "no-store" });
            if (!response.ok) throw new Error(response.status);
            const answer = await response.json();
            const took = performance.now() - start;
            ok += 1; times.push(took); if (times.length > 100) times.shift();
            mark(answer.server);
            at("self").textContent = answer.server;
            at("last").textContent = took.toFixed(1) + " ms";
            at("median").textContent = [...times].sort((a, b) => a - b)[times.length >> 1].toFixed(1) + " ms";
            at("seen").textContent = "";
            write(at("seen"), `${answer.method} ${answer.target} ${answer.version}`);
            for (const [name, value] of answer.headers) write(at("seen"), `${name}: ${value}`, true);
            at("seen").scrollTop = 0;
          } catch { failed += 1; }
          at("ok").textContent = ok; at("failed").textContent = failed;
        }
        setInterval(ask, 250); ask();
        at("toggle").onclick = () => { running = !running; at("toggle").textContent = running ? "Pause" : "Go on"; };

        let socket;
        function connect() {
          socket = new WebSocket((location.protocol === "https:" ? "wss://" : "ws://") + location.host + "/ws?greet");
          socket.onopen = () => state("ws", true, "open");
          socket.onmessage = m => write(at("wsLog"), "\u2190 " + m.data);
          socket.onclose = () => { state("ws", false, "closed, trying again"); setTimeout(connect, 2000); };
        }
        connect();
        at("form").onsubmit = event => {
          event.preventDefault();
          const text = at("text").value;
          if (!text || socket.readyState !== 1) return;
          socket.send(text); write(at("wsLog"), "\u2192 " + text, true); at("text").value = "";
        };

        const stream = new EventSource("/stream");
        stream.onopen = () => state("es", true, "open");
        stream.onerror = () => state("es", false, "trying again");
        stream.onmessage = m => {
          const tick = JSON.parse(m.data);
          write(at("esLog"), `${new Date().toLocaleTimeString()}  ${tick.server}  tick ${tick.tick}`);
        };
        </script>
        </body></html>
        """#
}
