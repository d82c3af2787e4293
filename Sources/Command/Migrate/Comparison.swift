import Admin
import Controller
import Glibc
import Kubernetes
import Wire

/// `sluice migrate --compare`: asks two proxies the same, and tells in what their answers differ.
struct Comparison {
    private let choices: ComparisonChoices
    private let samples: Samples
    private let client: DirectClient
    private let judge: AnswerComparison

    init(_ choices: ComparisonChoices, _ ingresses: [Ingress]) throws(StartError) {
        self.choices = choices
        var samples = Samples(of: ingresses, includesUnsafe: choices.includesUnsafe)
        for file in choices.files {
            switch FileContents.read(file == "-" ? "/dev/stdin" : file, upTo: 1_024) {
            case .success(let text): samples.read(text)
            case .failure(let failure): throw StartError("--requests \(file): \(failure)")
            }
        }
        guard !samples.requests.isEmpty else {
            throw StartError("--compare: no request to ask; name Ingresses, or --requests FILE")
        }
        self.samples = samples
        var client = DirectClient(userAgent: "sluice/\(Version.number)")
        client.timeLimit = max(1, choices.milliseconds)
        client.verifiesCertificates = !choices.isInsecure
        self.client = client
        var judge = AnswerComparison()
        judge.ignoredFields = choices.ignoredFields
        judge.comparesErrorBodies = choices.comparesErrorBodies
        self.judge = judge
    }

    /// Asks, and prints what differs; 1 if something does.
    func run() throws(StartError) -> Int32 {
        let report = try compare()
        if choices.isJSON {
            let document = ComparisonJSON.document(report, choices.first, choices.second)
            Output.write(document.rendered(isPretty: true) + "\n")
        } else {
            Output.write(ComparisonText(report, choices.first, choices.second).text)
        }
        return report.different == 0 ? Program.Exit.stopped : Program.Exit.refused
    }

    private func compare() throws(StartError) -> ComparisonReport {
        let all = Array(samples.requests.indices)
        let (first, second) = try ask(all)
        var differences = all.map { judge.differences(first[$0], second[$0]) }
        // What differs is asked once more: a page that holds the time differs from itself, too.
        let doubtful = all.filter { index in
            samples.requests[index].isSafe && differences[index].contains { $0.aspect != "status" }
        }
        let again = try ask(doubtful)
        var restless = all.map { _ in [AnswerComparison.Difference]() }
        for (place, index) in doubtful.enumerated() {
            let steady = judge.steady(
                differences[index], (first[index], again.0[place]), (second[index], again.1[place]))
            restless[index] = differences[index].filter { !steady.contains($0) }
            differences[index] = steady
        }
        return ComparisonReport(of: samples, differences: differences, restless: restless)
    }

    /// The answers of the one and of the other, in the order of the requests.
    private func ask(_ indices: [Int]) throws(StartError) -> ([ComparedAnswer], [ComparedAnswer]) {
        let requests = indices.flatMap { index in
            [choices.first, choices.second].map { direct(samples.requests[index], to: $0) }
        }
        var answers = requests.map { _ in ComparedAnswer(.failed("not asked")) }
        do throws(ClusterError) {
            try client.send(requests) { answers[$0] = Comparison.compared($1) }
        } catch {
            throw StartError("\(error)")
        }
        let (even, odd) = (
            indices.indices.map { answers[2 * $0] }, indices.indices.map { answers[2 * $0 + 1] }
        )
        return (even, odd)
    }

    private func direct(_ request: SampleRequest, to proxy: ProxyAddress) -> DirectClient.Request {
        DirectClient.Request(
            method: request.method, url: "\(proxy.scheme)://\(request.host)\(request.target)",
            address: proxy.address, headers: choices.headers)
    }

    private static func compared(_ outcome: DirectClient.Outcome) -> ComparedAnswer {
        switch outcome {
        case .failed(let reason): return ComparedAnswer(.failed(reason))
        case .answered(let answer):
            var compared = ComparedAnswer(.status(answer.status))
            for line in answer.fields {
                guard let colon = line.firstIndex(of: ":") else { continue }
                let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
                compared.fields[line[..<colon].lowercased(), default: []].append(String(value))
            }
            compared.body = ComparedAnswer.Body(
                hash: answer.body.isEmpty ? "" : Digest.sha256(answer.body), length: answer.body.count,
                isCut: answer.isCut)
            return compared
        }
    }
}
