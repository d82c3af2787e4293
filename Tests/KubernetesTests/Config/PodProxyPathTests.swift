import Testing

@testable import Kubernetes

@Suite struct PodProxyPathTests {
    @Test(
        "a port of a pod has a path, escaped",
        arguments: [
            ("web-0", "shop", 80, false, "/api/v1/namespaces/shop/pods/web-0:80/proxy"),
            ("web-0", "shop", 8443, true, "/api/v1/namespaces/shop/pods/https:web-0:8443/proxy"),
            ("a.b", "shop", 1, false, "/api/v1/namespaces/shop/pods/a.b:1/proxy"),
            ("../x y?#%", "n/s", 1, false, "/api/v1/namespaces/n%2Fs/pods/..%2Fx%20y%3F%23%25:1/proxy"),
        ])
    func path(pod: String, namespace: String, port: Int, isSecure: Bool, expected: String) {
        #expect(PodProxyPath.path(to: pod, in: namespace, port: port, isSecure: isSecure) == expected)
    }
}
