import Basics
import Testing

@testable import Kubernetes

@Suite("Pods, nodes and hints of endpoints")
struct PodTests {
    private func read<Object: DecodableObject>(_ text: String, as type: Object.Type) throws -> Object {
        let bytes = Array(text.utf8)
        var reader = JSONReader(bytes.span)
        return try Object(decoding: &reader)
    }

    @Test("what a process asks about its pod")
    func pod() throws {
        let pod = try read(
            #"""
            {"kind":"Pod","metadata":{"name":"a","namespace":"n","annotations":{"x":"y"},"labels":{"app":"edge","pod-template-hash":"5"}},
             "spec":{"nodeName":"one","containers":[{"name":"c"}]},
             "status":{"phase":"Running","conditions":[{"type":"Initialized","status":"True"},{"type":"Ready","status":"True"}]}}
            """#, as: Pod.self)
        #expect(pod.meta.key == ObjectKey(namespace: "n", name: "a"))
        #expect(pod.labels["app"] == "edge")
        #expect(pod.nodeName == "one")
        #expect(pod.isReady && !pod.isEnding)
        #expect(pod.selectorOfLikes == "app=edge")
    }

    @Test("those like one of a StatefulSet are all of it")
    func likes() throws {
        let pod = try read(
            #"""
            {"metadata":{"labels":{"app":"edge","statefulset.kubernetes.io/pod-name":"edge-0","apps.kubernetes.io/pod-index":"0"}}}
            """#, as: Pod.self)
        #expect(pod.selectorOfLikes == "app=edge")
    }

    @Test(
        "one that is on its way out, or has ended",
        arguments: [
            #"{"metadata":{"deletionTimestamp":"2026-11-21T00:00:00Z"}}"#, #"{"status":{"phase":"Failed"}}"#,
            #"{"status":{"phase":"Succeeded"}}"#,
        ])
    func ending(text: String) throws {
        #expect(try read(text, as: Pod.self).isEnding)
    }

    @Test("one of which little is said")
    func sparse() throws {
        let pod = try read(
            #"{"metadata":{"deletionTimestamp":null,"labels":null},"status":{"phase":"Pending"}}"#,
            as: Pod.self)
        #expect(!pod.isEnding && !pod.isReady && pod.nodeName.isEmpty && pod.selectorOfLikes.isEmpty)
    }

    @Test("a node's zone")
    func zone() throws {
        let text = #"{"metadata":{"name":"one","labels":{"topology.kubernetes.io/zone":"z1","other":"x"}}}"#
        #expect(try read(text, as: Node.self).zone == "z1")
        #expect(try read(#"{"metadata":{"name":"one"}}"#, as: Node.self).zone == "")
    }

    @Test("zones that endpoints are left to")
    func hints() throws {
        let slice = try read(
            #"""
            {"metadata":{"name":"s"},"endpoints":[{"addresses":["10.0.0.1"],"hints":{"forZones":[{"name":"a"},{"name":"b"}]}},
             {"addresses":["10.0.0.2"],"hints":{"forNodes":[{"name":"n"}]}},{"addresses":["10.0.0.3"],"hints":null}]}
            """#, as: EndpointSlice.self)
        #expect(slice.endpoints.map(\.zones) == [["a", "b"], [], []])
    }
}
