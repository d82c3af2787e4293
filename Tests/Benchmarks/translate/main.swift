import Controller
import Glibc
import Kubernetes
import Model
import Synchronization

run()

/// Measures the pipeline from an update being sent to its change being published: a cold start, then lone changes in a
/// loaded state. Ingresses, Services and slices are as many as the first argument says (10,000).
func run() {
    let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 10_000
    let bench = Bench(count)
    let before = residentMiB()
    bench.load()
    let first = milliseconds(of: CLOCK_PROCESS_CPUTIME_ID) { bench.publishFirst() }
    print("\(count) Ingresses, Services and EndpointSlices")
    bench.report("from all objects to the first publish, CPU time", first, bar: 300)
    print("resident memory: \(Int(residentMiB() - before)) MiB for objects and configuration")
    bench.lone("an Ingress that changes its path", bar: 1, pause: 110) {
        .ingresses(bench.one(ingress($0, "/v\($1)")))
    }
    bench.lone("an Ingress that appears", bar: 1, pause: 110) {
        .ingresses(bench.one(ingress(count + $0 + $1, "/")))
    }
    bench.lone("a slice that changes an address", bar: 0.2, pause: 12) {
        .slices(bench.one(slice($0, version: $1)))
    }
    bench.lone("a Service that changes its ports", bar: 1, pause: 110) {
        .services(bench.one(service($0, extra: $1)))
    }
    bench.lone("a certificate that is rotated", bar: 1, pause: 110) {
        .secrets(bench.one(secret("shared", version: $1)))
    }
    exit(bench.isMissed ? 1 : 0)
}

/// A pipeline whose publishes can be waited for.
final class Bench: Sendable {
    private let count: Int
    private let pipeline: Pipeline
    private let published: UnsafeSemaphore
    private let missed = Mutex(false)
    private let updates = Mutex<[StateUpdate]>([])

    init(_ count: Int) {
        self.count = count
        let published = UnsafeSemaphore()
        self.published = published
        let outputs = PipelineOutputs(publish: { _ in
            published.signal()
            return []
        })
        pipeline = Pipeline(settings: TranslationSettings(), awaiting: ["all"], outputs: outputs)
        pipeline.start()
    }

    var isMissed: Bool { missed.withLock { $0 } }

    func one<Object: KubernetesObject>(_ object: Object) -> ObjectBatch<Object> {
        ObjectBatch(changes: [.upserted(object)], receivedAt: 1)
    }

    private func all<Object: KubernetesObject>(_ make: (Int) -> Object) -> ObjectBatch<Object> {
        ObjectBatch(changes: (0..<count).map { .upserted(make($0)) }, isInitial: true, receivedAt: 1)
    }

    /// Makes all objects, so that making them is not measured.
    func load() {
        updates.withLock {
            $0 = [
                .classes(one(sluice())), .services(all { service($0, extra: 0) }),
                .slices(all { slice($0, version: 0) }), .secrets(one(secret("shared", version: 0))),
                .ingresses(all { ingress($0, "/") }), .synced(part: "all"),
            ]
        }
    }

    func publishFirst() {
        let all = updates.withLock { updates in
            defer { updates = [] }
            return updates
        }
        for update in all { pipeline.send(update) }
        published.wait()
    }

    /// The median of 21 lone changes, each after a quiet time longer than the queue's interval.
    func lone(_ name: String, bar: Double, pause: Int32, _ make: (_ index: Int, _ round: Int) -> StateUpdate)
    {
        let times = (1...21).map { round in
            let update = make(round * 7 % count, round)
            poll(nil, 0, pause)
            return milliseconds {
                pipeline.send(update)
                published.wait()
            }
        }
        report(name, times.sorted()[10], bar: bar, worst: times.max())
    }

    func report(_ name: String, _ time: Double, bar: Double?, worst: Double? = nil) {
        func text(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
        var line = "\(name): \(text(time)) ms"
        if let worst { line += ", worst \(text(worst))" }
        if let bar {
            line += time <= bar ? " (bar \(text(bar)))" : " MISSED the bar of \(text(bar))"
            if time > bar { missed.withLock { $0 = true } }
        }
        print(line)
    }
}

/// POSIX semaphore; it lives as long as the process.
struct UnsafeSemaphore: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    init() { sem_init(semaphore, 0, 0) }
    func signal() { sem_post(semaphore) }
    func wait() { while sem_wait(semaphore) != 0 {} }
}

func milliseconds(of clock: clockid_t = CLOCK_MONOTONIC, _ body: () -> Void) -> Double {
    var (start, end) = (timespec(), timespec())
    clock_gettime(clock, &start)
    body()
    clock_gettime(clock, &end)
    return Double(end.tv_sec - start.tv_sec) * 1e3 + Double(end.tv_nsec - start.tv_nsec) / 1e6
}

func residentMiB() -> Double {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, 128, file) != nil else { return 0 }
    let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
        separator: " ")
    return (fields.count > 1 ? Double(fields[1]) ?? 0 : 0) * 4096 / 1_048_576
}

// MARK: - The cluster

func meta(_ name: String, _ index: Int) -> ObjectMeta {
    var meta = ObjectMeta()
    meta.namespace = "team-\(index % 100)"
    meta.name = name
    meta.uid = "0b6f7a6e-5f0c-4c61-9d3e-\(100_000_000 + index)"
    meta.resourceVersion = "\(1_000_000 + index)"
    meta.creationTimestamp = 1_790_000_000 + Int64(index)
    return meta
}

func sluice() -> IngressClass {
    var object = IngressClass()
    object.meta.name = "sluice"
    object.controller = "ingress.sluice.dev/controller"
    return object
}

/// One host, two paths, one certificate.
func ingress(_ index: Int, _ path: String) -> Ingress {
    var object = Ingress()
    object.meta = meta("application-\(index)", index)
    object.className = "sluice"
    var rule = IngressRule()
    rule.host = "application-\(index).apps.example.com"
    rule.paths = [path, "/static"].map { text in
        var entry = IngressPath()
        entry.path = text
        entry.pathType = "Prefix"
        entry.backend = .service(name: "application-\(index)", port: .number(80))
        return entry
    }
    object.rules = [rule]
    if index % 100 == 0 {
        var tls = IngressTLS()
        tls.hosts = [rule.host]
        tls.secretName = "shared"
        object.tls = [tls]
    }
    return object
}

func service(_ index: Int, extra: Int) -> Service {
    var object = Service()
    object.meta = meta("application-\(index)", index)
    object.clusterIP = "10.96.\(index / 250 % 250).\(index % 250)"
    object.ipFamilies = ["IPv4"]
    var port = Service.Port()
    port.name = "http"
    port.port = 80
    object.ports = [port]
    if extra > 0 {
        port.name = "extra-\(extra)"
        port.port = 1000 + extra
        object.ports.append(port)
        object.ports.swapAt(0, 1)
        object.ports[1].name = "http-\(extra)"
    }
    return object
}

func slice(_ index: Int, version: Int) -> EndpointSlice {
    var object = EndpointSlice()
    object.meta = meta("application-\(index)-x7k2p", index)
    object.serviceName = "application-\(index)"
    object.addressType = "IPv4"
    var port = EndpointSlice.Port()
    port.name = "http"
    port.port = 8080
    object.ports = [port]
    object.endpoints = (0..<2).map { number in
        var endpoint = EndpointSlice.Endpoint()
        endpoint.address = "10.\(number).\(index / 250 % 250).\((index + version) % 250)"
        endpoint.targetName = "application-\(index)-6d4cf56db6-\(number)x\(version)"
        endpoint.targetUID = "1c7f7a6e-5f0c-4c61-9d3e-\(100_000_000 + index)\(number)\(version)"
        return endpoint
    }
    return object
}

func secret(_ name: String, version: Int) -> Secret {
    var object = Secret()
    object.meta = meta(name, 0)
    object.type = "kubernetes.io/tls"
    object.data = ["tls.crt": Array("chain \(version)".utf8), "tls.key": Array("key \(version)".utf8)]
    return object
}
