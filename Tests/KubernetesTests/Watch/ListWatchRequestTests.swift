import Testing

@testable import Kubernetes

@Suite("List and watch requests")
struct ListWatchRequestTests {
    @Test("a streamed list asks as the API wants it")
    func watchList() {
        let request = ListWatchRequest.watchList(from: "", timeoutSeconds: 400)
        #expect(
            request.target(of: Ingress.resource, selecting: ObjectSelection())
                == "/apis/networking.k8s.io/v1/ingresses?watch=1&allowWatchBookmarks=true&timeoutSeconds=400"
                + "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan")
    }

    @Test("a watch names its version; core kinds live under /api; a namespace is part of the path")
    func watch() {
        let request = ListWatchRequest.watch(from: "42", timeoutSeconds: 300)
        let selection = ObjectSelection(namespace: "shop", fieldSelector: "type=kubernetes.io/tls")
        #expect(
            request.target(of: Secret.resource, selecting: selection)
                == "/api/v1/namespaces/shop/secrets?fieldSelector=type%3Dkubernetes.io%2Ftls"
                + "&watch=1&allowWatchBookmarks=true&resourceVersion=42&timeoutSeconds=300")
    }

    @Test("labels select as well")
    func labels() {
        let selection = ObjectSelection(namespace: "shop", labelSelector: "kubernetes.io/service-name=web")
        #expect(
            ListWatchRequest.list(from: "", limit: 0).target(of: EndpointSlice.resource, selecting: selection)
                == "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices"
                + "?labelSelector=kubernetes.io%2Fservice-name%3Dweb")
    }

    @Test("a continued list names no version; its token is encoded")
    func continuedList() {
        let request = ListWatchRequest.list(from: "9", limit: 500, continueToken: "a+b/c=")
        #expect(
            request.target(of: Service.resource, selecting: ObjectSelection())
                == "/api/v1/services?limit=500&continue=a%2Bb%2Fc%3D")
    }

    @Test("a list of the newest state has no query; a cluster-scoped kind no namespace")
    func plainList() {
        let request = ListWatchRequest.list(from: "", limit: 0)
        #expect(
            request.target(of: IngressClass.resource, selecting: ObjectSelection(namespace: "shop"))
                == "/apis/networking.k8s.io/v1/ingressclasses")
    }
}
