import Basics
import Glibc
import Kubernetes

run()

/// Measures each way of reading on lists as an API server sends them, and what a cold start of 30,000 objects costs.
func run() {
    let count = 2_000
    let lists = [
        ("Ingress", compactList("Ingress", "networking.k8s.io/v1", count, ingress)),
        ("Service", compactList("Service", "v1", count, service)),
        ("EndpointSlice", compactList("EndpointSlice", "discovery.k8s.io/v1", count, slice)),
    ]
    for (name, bytes) in lists {
        report("skip \(name)List", bytes.count) {
            var reader = JSONReader(bytes.span)
            try? reader.skipValue()
        }
    }
    report("decode IngressList", lists[0].1.count) {
        check(try? ListPage<Ingress>(decoding: lists[0].1), count)
    }
    report("decode ServiceList", lists[1].1.count) {
        check(try? ListPage<Service>(decoding: lists[1].1), count)
    }
    report("decode EndpointSliceList", lists[2].1.count) {
        check(try? ListPage<EndpointSlice>(decoding: lists[2].1), count)
    }
    let stream = watch(count)
    for chunk in [1, 16_384] {
        report("watch Ingress, chunks of \(chunk)", stream.count) { consume(stream, chunk: chunk, count) }
    }
}

func report(_ name: String, _ bytes: Int, _ body: () -> Void) {
    var best = Double.infinity
    for _ in 0..<7 {
        let start = seconds()
        body()
        best = min(best, seconds() - start)
    }
    let rate = Int(Double(bytes) / best / 1e6)
    print("\(name): \(rate) MB/s (\(bytes / 1000) kB in \(Int(best * 1e6)) us)")
}

/// CPU time, so that neighbours on the machine count less.
func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func check<Object>(_ page: ListPage<Object>?, _ count: Int) {
    precondition(page?.items.count == count, "the list was not read whole")
}

func consume(_ stream: [UInt8], chunk: Int, _ count: Int) {
    var decoder = WatchDecoder<Ingress>()
    var events = 0
    var start = 0
    while start < stream.count {
        let end = min(start + chunk, stream.count)
        decoder.append(Array(stream[start..<end]))
        start = end
        while (try? decoder.next()) != nil { events += 1 }
    }
    precondition(events == count, "the watch was not read whole")
}

func compactList(_ kind: String, _ apiVersion: String, _ count: Int, _ item: (Int) -> String) -> [UInt8] {
    let items = (0..<count).map(item).joined(separator: ",")
    let head =
        #"{"kind":"\#(kind)List","apiVersion":"\#(apiVersion)","metadata":{"resourceVersion":"1"},"items":["#
    return Array((head + items + "]}").utf8)
}

func watch(_ count: Int) -> [UInt8] {
    Array((0..<count).map { #"{"type":"ADDED","object":\#(ingress($0))}"# + "\n" }.joined().utf8)
}

func meta(_ prefix: String, _ i: Int, _ more: String, _ managed: String) -> String {
    #""metadata":{"name":"\#(prefix)-\#(i)","namespace":"shop-\#(i % 50)","uid":"fd4c4538-c3ad-4d54-bc37-1c17\#(10_000_000 + i)","resourceVersion":"\#(52_000 + i)","generation":1,"creationTimestamp":"2026-11-21T02:57:45Z",\#(more)"managedFields":[{"manager":"hollow","operation":"Apply","apiVersion":"v1","time":"2026-11-21T02:57:45Z","fieldsType":"FieldsV1","fieldsV1":\#(managed)}]}"#
}

func ingress(_ i: Int) -> String {
    let annotations =
        #""annotations":{"nginx.ingress.kubernetes.io/ssl-redirect":"true","nginx.ingress.kubernetes.io/proxy-read-timeout":"120","kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"Ingress\",\"metadata\":{\"name\":\"web-\#(i)\",\"namespace\":\"rec\"},\"spec\":{\"rules\":[{\"host\":\"h\#(i).rec.test\",\"http\":{\"paths\":[{\"backend\":{\"service\":{\"name\":\"web\",\"port\":{\"name\":\"http\"}}},\"path\":\"/\",\"pathType\":\"Prefix\"}]}}]}}\n"},"#
    let managed =
        #"{"f:metadata":{"f:annotations":{".":{},"f:nginx.ingress.kubernetes.io/ssl-redirect":{},"f:kubectl.kubernetes.io/last-applied-configuration":{}},"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:ingressClassName":{},"f:rules":{},"f:tls":{}}}"#
    return
        #"{\#(meta("web", i, annotations, managed)),"spec":{"ingressClassName":"sluice","tls":[{"hosts":["h\#(i).rec.test"],"secretName":"web-tls-\#(i)"}],"rules":[{"host":"h\#(i).rec.test","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"web-\#(i)","port":{"name":"http"}}}},{"path":"/exact","pathType":"Exact","backend":{"service":{"name":"web-\#(i)","port":{"number":9090}}}}]}}]},"status":{"loadBalancer":{}}}"#
}

func service(_ i: Int) -> String {
    let managed =
        #"{"f:spec":{"f:internalTrafficPolicy":{},"f:ports":{".":{},"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{},"f:port":{},"f:protocol":{},"f:targetPort":{}}},"f:selector":{},"f:sessionAffinity":{},"f:type":{}}}"#
    return
        #"{\#(meta("web", i, "", managed)),"spec":{"ports":[{"name":"http","protocol":"TCP","port":80,"targetPort":8080}],"selector":{"app":"web"},"clusterIP":"10.96.0.\#(i % 250)","clusterIPs":["10.96.0.\#(i % 250)"],"type":"ClusterIP","sessionAffinity":"None","ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack","internalTrafficPolicy":"Cluster"},"status":{"loadBalancer":{}}}"#
}

func slice(_ i: Int) -> String {
    let labels =
        #""labels":{"endpointslice.kubernetes.io/managed-by":"endpointslice-controller.k8s.io","kubernetes.io/service-name":"web-\#(i)"},"ownerReferences":[{"apiVersion":"v1","kind":"Service","name":"web-\#(i)","uid":"3b209fe4-99bb-4e5b-9f68-a7fb2c8d91f8","controller":true,"blockOwnerDeletion":true}],"#
    let managed =
        #"{"f:addressType":{},"f:endpoints":{},"f:metadata":{"f:generateName":{},"f:labels":{".":{},"f:endpointslice.kubernetes.io/managed-by":{},"f:kubernetes.io/service-name":{}},"f:ownerReferences":{".":{},"k:{\"uid\":\"3b209fe4-99bb-4e5b-9f68-a7fb2c8d91f8\"}":{}}},"f:ports":{}}"#
    let endpoints = (0..<3).map { j in
        #"{"addresses":["10.244.\#(j).\#(i % 250)"],"conditions":{"ready":true,"serving":true,"terminating":false},"targetRef":{"kind":"Pod","namespace":"rec","name":"web-\#(i)-594f8746c8-h77k\#(j)","uid":"18a79e69-adda-417f-bd3c-f6ed0ccb5736"},"nodeName":"hollow","zone":"zone-a"}"#
    }
    return
        #"{\#(meta("web-\(i)", i, labels, managed)),"addressType":"IPv4","endpoints":[\#(endpoints.joined(separator: ","))],"ports":[{"name":"http","protocol":"TCP","port":8080}]}"#
}
