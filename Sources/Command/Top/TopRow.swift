/// A row of the table: what has happened between two samples.
struct TopRow: Equatable {
    var name: String
    /// Per second.
    var requests = 0.0
    var clientErrors = 0.0
    var serverErrors = 0.0
    var durations = TopHistogram()
    /// Requests in flight, or that wait.
    var active = 0.0
    /// What else is said of it.
    var note = ""
    /// Whether others have a part in the numbers: hosts and Ingresses that share a Service.
    var isShared = false

    var errors: Double { clientErrors + serverErrors }

    /// What rows are about.
    enum Subject: String, CaseIterable {
        case service, pod, host, ingress
    }

    /// What they are sorted by.
    enum Order: String, CaseIterable {
        case requests, errors, latency, name
    }

    /// The rows of a subject, sorted; of the same rank by name.
    static func rows(
        _ subject: Subject, by order: Order, from before: TopSample, to now: TopSample
    ) -> [TopRow] {
        let rows =
            switch subject {
            case .service: services(before, now)
            case .pod: pods(before, now)
            case .host: grouped(\.host, before, now)
            case .ingress: grouped(\.ingress, before, now)
            }
        return rows.sorted { left, right in
            let (one, other) = (left.rank(order), right.rank(order))
            return one != other ? one > other : left.name < right.name
        }
    }

    private func rank(_ order: Order) -> Double {
        switch order {
        case .requests: requests
        case .errors: errors
        case .latency: durations.quantile(0.99) ?? -1
        case .name: 0
        }
    }

    private static func services(_ before: TopSample, _ now: TopSample) -> [TopRow] {
        let seconds = max(now.time - before.time, 0.001)
        let servers = Dictionary(grouping: now.pods, by: \.service)
        return now.services.map { name, service in
            let earlier = before.services[name] ?? TopSample.Service()
            var row = TopRow(name: name)
            row.requests = rate(earlier.requests, service.requests, seconds)
            row.clientErrors = rate(earlier.clientErrors, service.clientErrors, seconds)
            row.serverErrors = rate(earlier.serverErrors, service.serverErrors, seconds)
            row.durations = service.durations.since(earlier.durations)
            let pods = servers[name] ?? []
            row.active = pods.reduce(0) { $0 + $1.active }
            let down = pods.count { $0.isUp == false }
            row.note =
                "\(pods.count) \(pods.count == 1 ? "server" : "servers")" + (down > 0 ? ", \(down) down" : "")
            if service.queue > 0 { row.note += ", \(Int(service.queue)) wait" }
            return row
        }
    }

    private static func pods(_ before: TopSample, _ now: TopSample) -> [TopRow] {
        let seconds = max(now.time - before.time, 0.001)
        let earlier = Dictionary(before.pods.map { ("\($0.service) \($0.address)", $0) }) { $1 }
        return now.pods.map { pod in
            let before = earlier["\(pod.service) \(pod.address)"]
            var row = TopRow(name: pod.name)
            row.requests = rate(before?.requests ?? 0, pod.requests, seconds)
            row.serverErrors = rate(before?.failures ?? 0, pod.failures, seconds)
            row.active = pod.active
            let health = pod.isUp.map { $0 ? ", up" : ", down" } ?? ""
            row.note = "\(pod.service) \(pod.address)\(health)"
            return row
        }
    }

    /// Services' numbers by host or Ingress: the engine counts by Service, so those of one that several lead to are all of theirs.
    private static func grouped(
        _ key: KeyPath<TopSample.Route, String>, _ before: TopSample, _ now: TopSample
    ) -> [TopRow] {
        let services = Dictionary(uniqueKeysWithValues: services(before, now).map { ($0.name, $0) })
        var owners: [String: Set<String>] = [:]
        var members: [String: Set<String>] = [:]
        for route in now.routes where !route.service.isEmpty {
            owners[route.service, default: []].insert(route[keyPath: key])
            members[route[keyPath: key], default: []].insert(route.service)
        }
        return members.map { name, own in
            var row = TopRow(name: name)
            for service in own.sorted() {
                guard let one = services[service] else { continue }
                row.requests += one.requests
                row.clientErrors += one.clientErrors
                row.serverErrors += one.serverErrors
                row.active += one.active
                row.durations.add(one.durations)
                if owners[service]?.count ?? 0 > 1 { row.isShared = true }
            }
            row.note = own.sorted().prefix(3).joined(separator: " ") + (own.count > 3 ? " …" : "")
            return row
        }
    }

    /// Per second; a counter that went back is another process's, and began at 0.
    private static func rate(_ before: Double, _ now: Double, _ seconds: Double) -> Double {
        (now >= before ? now - before : now) / seconds
    }
}
