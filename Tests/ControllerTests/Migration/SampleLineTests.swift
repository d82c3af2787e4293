import Testing

@testable import Controller

@Suite("A line of a file of requests")
struct SampleLineTests {
    @Test(
        "it says a method, a host and a target",
        arguments: [
            ("http://a.test/x?y=1", "GET a.test /x?y=1"),
            ("https://A.test:8443", "GET A.test:8443 /"),
            ("http://a.test?x", "GET a.test /?x"),
            ("http://a.test/x#part", "GET a.test /x"),
            ("HEAD http://[::1]/x", "HEAD [::1] /x"),
            (#"{"method":"PUT","host":"a.test","uri":"/x","status":200}"#, "PUT a.test /x"),
            (#"{"request_method":"GET","vhost":"a.test","request_uri":"/x?y"}"#, "GET a.test /x?y"),
            (#"{"request":"GET /x HTTP/1.1","host":"a.test"}"#, "GET a.test /x"),
            (#"192.0.2.1 - - [t] "GET http://a.test/x HTTP/1.1" 200 1 "-" "-""#, "GET a.test /x"),
        ])
    func whole(line: String, expected: String) throws {
        let read = try #require(SampleLine(line[...]))
        #expect("\(read.method) \(read.host ?? "nobody") \(read.target)" == expected)
    }

    @Test(
        "nginx's logs name no host, ingress-nginx's the upstream",
        arguments: [
            (#"192.0.2.1 - bob [01/Jan/2026:00:00:00 +0000] "GET /x HTTP/1.1" 200 5 "-" "curl [x] 1""#, nil),
            (
                #"192.0.2.1 - - [t] "GET /x HTTP/2.0" 200 5 "-" "a [b] c" 80 0.001 [shop-web-80] [] 10.0.0.1:80 5 0.001 200 abc"#,
                "shop-web-80"
            ),
            (#"192.0.2.1 - - [t] "GET /x HTTP/2.0" 404 5 "-" "c" 80 0.001 [-] [] - - - - abc"#, nil),
        ] as [(String, String?)])
    func logs(line: String, upstream: String?) throws {
        let read = try #require(SampleLine(line[...]))
        #expect((read.method, read.target) == ("GET", "/x"))
        #expect(read.host == nil)
        #expect(read.upstream == upstream)
    }

    @Test(
        "what is no request is nothing",
        arguments: [
            "a.test/x", "ftp://a.test/", "http://", "http://name:word@a.test/", "GET", "{\"method\":\"GET\"}",
            "{\"uri\":", "three words here", #"x "GET" 200"#, #"x "GET /x y z" 200"#, #"x "GET /x HTTP/1.1"#,
        ])
    func nothing(line: String) {
        #expect(SampleLine(line[...]) == nil)
    }
}
