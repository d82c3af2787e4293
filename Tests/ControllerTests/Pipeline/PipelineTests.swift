import Kubernetes
import Model
import Synchronization
import Testing

@testable import Controller

@Suite struct PipelineTests {
    @Test("what is sent comes out as changes, findings and needs", .timeLimit(.minutes(5)))
    func whole() async throws {
        let (results, entrance) = AsyncStream<String>.makeStream()
        let outputs = PipelineOutputs(
            publish: { change in
                entrance.yield("publish \(change.kind)")
                return []
            },
            onDiagnostics: { _, new in entrance.yield("new \(new.map(\.reason))") },
            onNeeds: { entrance.yield("names \($0.externalNames.sorted())") })
        let pipeline = Pipeline(settings: TranslationSettings(), awaiting: ["all"], outputs: outputs)
        pipeline.start()
        pipeline.send(.classes(ObjectBatch(changes: [.upserted(ingressClass())], receivedAt: 1)))
        let object = ingress("a", [rule("a.example", path("/"), path("/e", to: to("ext")))])
        pipeline.send(.ingresses(ObjectBatch(changes: [.upserted(object)], receivedAt: 1)))
        pipeline.send(
            .services(ObjectBatch(changes: [.upserted(externalService("ext", "x.example"))], receivedAt: 1)))
        #expect(pipeline.missingParts == ["all"])
        pipeline.send(.synced(part: "all"))
        var seen = results.makeAsyncIterator()
        #expect(await seen.next() == "publish routes")
        #expect(await seen.next() == "new [\"ServiceNotFound\"]")
        #expect(await seen.next() == "names [\"x.example\"]")
        #expect(pipeline.missingParts.isEmpty)
        pipeline.send(.addresses(of: "x.example", ["10.0.0.1"]))
        #expect(await seen.next() == "publish pools")
        pipeline.send(.services(ObjectBatch(changes: [.upserted(service("web"))], receivedAt: 1)))
        #expect(await seen.next() == "publish routes")
        #expect(await seen.next() == "new []")
        pipeline.stop()
    }

    @Test(
        "a state from before is published and given away again, though nobody says anything",
        .timeLimit(.minutes(5)))
    func restored() async {
        var core = PipelineCore(settings: TranslationSettings(), awaiting: [])
        core.apply(.classes(ObjectBatch(changes: [.upserted(ingressClass())], receivedAt: 1)))
        let object = ingress("a", [rule("a.example", path("/"))])
        core.apply(.ingresses(ObjectBatch(changes: [.upserted(object)], receivedAt: 1)))
        let (results, entrance) = AsyncStream<String>.makeStream()
        var outputs = PipelineOutputs(publish: { change in
            entrance.yield("publish \(change.routes.count)")
            return []
        })
        outputs.keep = { state, done in
            entrance.yield("keep \(state.count)")
            done()
        }
        let pipeline = Pipeline(
            settings: TranslationSettings(), awaiting: ["Ingress"], restoring: core.kept, outputs: outputs)
        #expect(pipeline.missingParts.isEmpty)
        pipeline.start()
        var seen = results.makeAsyncIterator()
        #expect(await seen.next() == "publish 1")
        #expect(await seen.next() == "keep 2")
        pipeline.send(.services(ObjectBatch(changes: [.upserted(service("web"))], receivedAt: 1)))
        #expect(await seen.next() == "publish 1")
        #expect(await seen.next() == "keep 3")
        pipeline.stop()
    }

    @Test("every change of a burst is published in the end", .timeLimit(.minutes(5)))
    func burst() async {
        let (results, entrance) = AsyncStream<Change>.makeStream()
        let outputs = PipelineOutputs(publish: { change in
            entrance.yield(change)
            return []
        })
        let pipeline = Pipeline(settings: TranslationSettings(), awaiting: [], outputs: outputs)
        pipeline.start()
        pipeline.send(.classes(ObjectBatch(changes: [.upserted(ingressClass())], receivedAt: 1)))
        for number in 0..<300 {
            let object = ingress("i\(number)", [rule("h\(number).example", path("/"))])
            pipeline.send(.ingresses(ObjectBatch(changes: [.upserted(object)], receivedAt: 1)))
        }
        var configuration = Configuration()
        for await change in results {
            configuration.apply(change)
            if configuration.routes.count == 300 { break }
        }
        #expect(configuration.routes.count == 300)
        pipeline.stop()
    }
}
