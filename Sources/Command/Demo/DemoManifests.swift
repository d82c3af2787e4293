/// The example manifests, so that the demo runs from any directory: the files of `manifests/examples`, which a test
/// compares.
enum DemoManifests {
    /// A file of manifests.
    struct File: Sendable {
        let name: String
        let text: String
    }

    /// All files, by name.
    static let files = [echo, endpointSlice, paths, secure, streaming, webSocket]

    private static let echo = File(
        name: "echo.yaml",
        text: #"""
            # http://demo.localhost:8080/ : three servers take turns; the answer says which one it was.
            apiVersion: networking.k8s.io/v1
            kind: IngressClass
            metadata:
              name: sluice
            spec:
              controller: ingress.sluice.dev/controller
            ---
            apiVersion: v1
            kind: Service
            metadata:
              name: echo
              namespace: demo
              annotations:
                sluice.dev/endpoints: "127.0.0.1:9101,127.0.0.1:9102,127.0.0.1:9103"
            spec:
              ports:
                - name: http
                  port: 80
            ---
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: echo
              namespace: demo
            spec:
              ingressClassName: sluice
              rules:
                - host: demo.localhost
                  http:
                    paths:
                      - path: /
                        pathType: Prefix
                        backend:
                          service:
                            name: echo
                            port:
                              name: http

            """#)

    private static let endpointSlice = File(
        name: "endpointslice.yaml",
        text: #"""
            # http://slice.localhost:8080/ : the servers come from EndpointSlices, as in a cluster. The third one is not ready and
            # gets nothing: set it to true, save, and the next request may go there.
            #
            # Addresses of the loopback network are for `sluice dev` only: a cluster's API server refuses them.
            apiVersion: v1
            kind: Service
            metadata:
              name: slice
              namespace: slice
            spec:
              selector:
                app: slice
              ports:
                - name: http
                  port: 80
                  targetPort: 9101
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata:
              name: slice-first
              namespace: slice
              labels:
                kubernetes.io/service-name: slice
            addressType: IPv4
            ports:
              - name: http
                port: 9101
                protocol: TCP
            endpoints:
              - addresses: [127.0.0.1]
                conditions:
                  ready: true
                targetRef:
                  kind: Pod
                  name: slice-a
                  namespace: slice
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata:
              name: slice-second
              namespace: slice
              labels:
                kubernetes.io/service-name: slice
            addressType: IPv4
            ports:
              - name: http
                port: 9102
                protocol: TCP
            endpoints:
              - addresses: [127.0.0.1]
                conditions:
                  ready: true
                targetRef:
                  kind: Pod
                  name: slice-b
                  namespace: slice
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata:
              name: slice-third
              namespace: slice
              labels:
                kubernetes.io/service-name: slice
            addressType: IPv4
            ports:
              - name: http
                port: 9103
                protocol: TCP
            endpoints:
              - addresses: [127.0.0.1]
                conditions:
                  ready: false
                targetRef:
                  kind: Pod
                  name: slice-c
                  namespace: slice
            ---
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: slice
              namespace: slice
            spec:
              ingressClassName: sluice
              rules:
                - host: slice.localhost
                  http:
                    paths:
                      - path: /
                        pathType: Prefix
                        backend:
                          service:
                            name: slice
                            port:
                              name: http

            """#)

    private static let paths = File(
        name: "paths.yaml",
        text: #"""
            # How paths and hosts are matched: the longest path wins, Exact before Prefix, an exact host before a wildcard.
            apiVersion: v1
            kind: Service
            metadata:
              name: first
              namespace: paths
              annotations:
                sluice.dev/endpoints: "127.0.0.1:9101"
            spec:
              ports:
                - name: http
                  port: 80
            ---
            apiVersion: v1
            kind: Service
            metadata:
              name: second
              namespace: paths
              annotations:
                sluice.dev/endpoints: "127.0.0.1:9102"
            spec:
              ports:
                - name: http
                  port: 80
            ---
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: paths
              namespace: paths
            spec:
              ingressClassName: sluice
              rules:
                - host: paths.localhost
                  http:
                    paths:
                      # /shop, /shop/ and /shop/cart, but not /shopping
                      - path: /shop
                        pathType: Prefix
                        backend:
                          service:
                            name: first
                            port:
                              number: 80
                      # /shop/cart and nothing else
                      - path: /shop/cart
                        pathType: Exact
                        backend:
                          service:
                            name: second
                            port:
                              number: 80
                # any.tenant.localhost, but neither tenant.localhost nor a.b.tenant.localhost
                - host: "*.tenant.localhost"
                  http:
                    paths:
                      - path: /
                        pathType: Prefix
                        backend:
                          service:
                            name: second
                            port:
                              number: 80

            """#)

    private static let secure = File(
        name: "secure.yaml",
        text: #"""
            # https://secure.localhost:8443/ : the certificate is picked by the name the client asks for (SNI).
            # In a cluster cert-manager or you would create the Secret; the demo makes it, and a CA, in memory when it starts.
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: secure
              namespace: demo
            spec:
              ingressClassName: sluice
              tls:
                - hosts: [secure.localhost]
                  secretName: secure-localhost-tls
              rules:
                - host: secure.localhost
                  http:
                    paths:
                      - path: /
                        pathType: Prefix
                        backend:
                          service:
                            name: echo
                            port:
                              name: http

            """#)

    private static let streaming = File(
        name: "streaming.yaml",
        text: #"""
            # http://demo.localhost:8080/stream : server-sent events; each one reaches the client when the server writes it.
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: streaming
              namespace: demo
            spec:
              ingressClassName: sluice
              rules:
                - host: demo.localhost
                  http:
                    paths:
                      - path: /stream
                        pathType: Exact
                        backend:
                          service:
                            name: echo
                            port:
                              number: 80

            """#)

    private static let webSocket = File(
        name: "websocket.yaml",
        text: #"""
            # ws://demo.localhost:8080/ws : another Ingress adds a path to the same host; the connection becomes a tunnel.
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: websocket
              namespace: demo
            spec:
              ingressClassName: sluice
              rules:
                - host: demo.localhost
                  http:
                    paths:
                      - path: /ws
                        pathType: Exact
                        backend:
                          service:
                            name: echo
                            port:
                              number: 80

            """#)
}
