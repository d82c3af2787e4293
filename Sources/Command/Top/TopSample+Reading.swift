import Basics

/// Reads what the ports of an instance say.
extension TopSample {
    /// Takes the text of `/metrics`.
    mutating func read(metrics text: String) {
        for line in text.split(separator: "\n") where line.hasPrefix("sluice_") {
            guard let metric = MetricLine(line) else { continue }
            if let backend = metric.labels["backend"] {
                services[backend, default: Service()].read(metric)
            } else {
                read(metric)
            }
        }
    }

    private mutating func read(_ metric: MetricLine) {
        switch metric.name {
        case "sluice_build_info": version = metric.labels["version"] ?? ""
        case "sluice_ready": isReady = metric.value > 0
        case "sluice_uptime_seconds": uptime = Int(metric.value)
        case "sluice_config_publish_total": publishes = metric.value
        case "sluice_hosts": hosts = Int(metric.value)
        case "sluice_connections": connections += metric.value
        case "sluice_requests_in_flight": exchanges += metric.value
        case "sluice_upstream_connections": upstream += metric.value
        case "sluice_propagation_seconds_bucket":
            if let bound = metric.bound { propagation.add(metric.value, upTo: bound) }
        default: break
        }
    }

    /// Takes the answer of `/api/info`.
    mutating func read(info bytes: [UInt8]) throws(JSONError) {
        var reader = JSONReader(bytes.span)
        try reader.openObject()
        while let key = try reader.nextKey() {
            if case "mode" = key { mode = try reader.string() } else { try reader.skipValue() }
        }
    }

    /// Takes the answer of `/api/backends`.
    mutating func read(backends bytes: [UInt8]) throws(JSONError) {
        var reader = JSONReader(bytes.span)
        try TopSample.items(&reader) { reader throws(JSONError) in try readBackend(&reader) }
    }

    /// Takes the answer of `/api/routes`.
    mutating func read(routes bytes: [UInt8]) throws(JSONError) {
        var reader = JSONReader(bytes.span)
        try TopSample.items(&reader) { reader throws(JSONError) in try readHost(&reader) }
    }

    private static func items(
        _ reader: inout JSONReader, _ each: (inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            guard case "items" = key else {
                try reader.skipValue()
                continue
            }
            try reader.openList()
            while try reader.nextElement() { try each(&reader) }
        }
    }

    private mutating func readBackend(_ reader: inout JSONReader) throws(JSONError) {
        var name = ""
        var found: [Pod] = []
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "name": name = try reader.string()
            case "servers":
                try reader.openList()
                while try reader.nextElement() { found.append(try TopSample.readServer(&reader)) }
            default: try reader.skipValue()
            }
        }
        for var pod in found {
            pod.service = name
            pods.append(pod)
        }
        if services[name] == nil { services[name] = Service() }
    }

    private static func readServer(_ reader: inout JSONReader) throws(JSONError) -> Pod {
        var pod = Pod(service: "", name: "", address: "")
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "name": pod.name = try reader.string()
            case "address": pod.address = try reader.string()
            case "active": pod.active = Double(try reader.integer())
            case "requests": pod.requests = Double(try reader.integer())
            case "failures": pod.failures = Double(try reader.integer())
            case "health": pod.isUp = try readHealth(&reader)
            default: try reader.skipValue()
            }
        }
        return pod
    }

    private static func readHealth(_ reader: inout JSONReader) throws(JSONError) -> Bool? {
        guard try reader.nextKind() == .object else {
            try reader.skipValue()
            return nil
        }
        var isUp: Bool?
        try reader.openObject()
        while let key = try reader.nextKey() {
            if case "up" = key { isUp = try reader.booleanOrNull() } else { try reader.skipValue() }
        }
        return isUp
    }

    private mutating func readHost(_ reader: inout JSONReader) throws(JSONError) {
        var host = ""
        var found: [Route] = []
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "host": host = try reader.string()
            case "paths":
                try reader.openList()
                while try reader.nextElement() { found.append(try TopSample.readPath(&reader)) }
            default: try reader.skipValue()
            }
        }
        for var route in found {
            route.host = host
            routes.append(route)
        }
    }

    private static func readPath(_ reader: inout JSONReader) throws(JSONError) -> Route {
        var route = Route(host: "", ingress: "", service: "")
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "ingress": route.ingress = try reader.string()
            case "target":
                try reader.openObject()
                while let key = try reader.nextKey() {
                    if case "backend" = key {
                        route.service = try reader.string()
                    } else {
                        try reader.skipValue()
                    }
                }
            default: try reader.skipValue()
            }
        }
        return route
    }
}

extension TopSample.Service {
    fileprivate mutating func read(_ metric: MetricLine) {
        switch metric.name {
        case "sluice_requests_total":
            requests += metric.value
            if metric.labels["code"] == "4xx" { clientErrors += metric.value }
            if metric.labels["code"] == "5xx" { serverErrors += metric.value }
        case "sluice_upstream_queue": queue = metric.value
        case "sluice_request_duration_seconds_bucket":
            if let bound = metric.bound { durations.add(metric.value, upTo: bound) }
        default: break
        }
    }
}

extension MetricLine {
    /// Of a bucket.
    fileprivate var bound: Double? {
        labels["le"].flatMap { $0 == "+Inf" ? .infinity : Double($0) }
    }
}
