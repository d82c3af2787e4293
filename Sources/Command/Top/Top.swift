import Basics
import Glibc
import Kubernetes

/// `sluice top`: what a running instance does, as a table that follows it.
struct Top {
    private let ops: Endpoint
    private let admin: Endpoint
    private let milliseconds: Int
    private let isOnce: Bool
    private var screen = TopScreen()

    init(_ arguments: Arguments) {
        ops =
            arguments.value("ops-address").flatMap(Endpoint.init)
            ?? Endpoint(address: "127.0.0.1", port: 10_254)
        admin =
            arguments.value("admin-address").flatMap(Endpoint.init)
            ?? Endpoint(address: "127.0.0.1", port: 10_255)
        milliseconds = max(100, arguments.value("interval").flatMap(ValueForm.milliseconds) ?? 2_000)
        isOnce = arguments.isPresent("once")
        screen.subject = arguments.value("by").flatMap(TopRow.Subject.init) ?? .service
        screen.order = arguments.value("sort").flatMap(TopRow.Order.init) ?? .requests
    }

    /// Shows it until a key ends it; where there is no terminal, or with `--once`, prints it once.
    mutating func run() throws(StartError) {
        let signals = Signals.block([SIGTERM, SIGHUP, SIGINT])
        var before = try sample()
        guard !isOnce, let terminal = Terminal() else {
            guard signals.wait(milliseconds: milliseconds) == nil else { return }
            let now = try sample()
            return Output.write(screen.lines(from: before, to: now).joined(separator: "\n") + "\n")
        }
        // Until there is a second one, what has happened since the start.
        var now = before
        before = TopSample()
        before.time = now.time - Double(max(1, now.uptime))
        var due = Top.clock + milliseconds
        while true {
            show(on: terminal, before, now)
            guard let keys = terminal.keys(milliseconds: min(due - Top.clock, 200)) else { return }
            guard !keys.contains(where: { screen.press($0) == .quits }), signals.wait(milliseconds: 0) == nil
            else {
                return
            }
            guard Top.clock >= due else { continue }
            due = Top.clock + milliseconds
            do throws(StartError) {
                let next = try sample()
                (before, now) = (now, next)
                screen.trouble = nil
            } catch {
                screen.trouble = "no answer: \(error)"
            }
        }
    }

    private mutating func show(on terminal: Terminal, _ before: TopSample, _ now: TopSample) {
        (screen.width, screen.height) = terminal.size
        terminal.show(screen.lines(from: before, to: now, keys: true))
    }

    private static var clock: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }

    /// Asks both ports. An instance without the admin port shows its Services alone.
    private func sample() throws(StartError) -> TopSample {
        var client = DirectClient(userAgent: "sluice/\(Version.number)")
        client.bodyLimit = 256 << 20
        client.timeLimit = 3_000
        let paths = ["/api/info", "/api/backends?limit=100000", "/api/routes?limit=100000"]
        var requests = [request("/metrics", ops)]
        if admin.port > 0 { requests += paths.map { request($0, admin) } }
        var bodies = requests.map { _ in [UInt8]() }
        var troubles = requests.map { _ in String?.none }
        do throws(ClusterError) {
            try client.send(requests) { index, outcome in
                switch outcome {
                case .answered(let answer) where answer.status == 200: bodies[index] = answer.body
                case .answered(let answer): troubles[index] = "\(answer.status)"
                case .failed(let reason): troubles[index] = reason
                }
            }
        } catch {
            throw StartError("\(error)")
        }
        for (request, trouble) in zip(requests, troubles) {
            if let trouble { throw StartError("top: \(request.address), \(request.url): \(trouble)") }
        }
        var sample = TopSample()
        sample.time = Double(Top.clock) / 1_000
        sample.read(metrics: String(decoding: bodies[0], as: UTF8.self))
        guard admin.port > 0 else { return sample }
        do throws(JSONError) {
            try sample.read(info: bodies[1])
            try sample.read(backends: bodies[2])
            try sample.read(routes: bodies[3])
        } catch {
            throw StartError("top: \(admin) does not answer as Sluice does")
        }
        return sample
    }

    private func request(_ path: String, _ endpoint: Endpoint) -> DirectClient.Request {
        // The admin port answers to names of loopback only.
        DirectClient.Request(method: "GET", url: "http://localhost\(path)", address: endpoint.description)
    }
}
