import Testing

@testable import Controller

@Suite("ingress-nginx's command line")
struct NginxArgumentsTests {
    private func read(_ words: String...) -> [String] {
        NginxArguments(words).words.map { "\($0.name)=\($0.value)" }
    }

    @Test("values stand behind an equals sign or a blank, with one dash or two")
    func values() {
        #expect(
            read("--configmap=a/b", "--http-port", "81", "-v=2") == ["configmap=a/b", "http-port=81", "v=2"])
        #expect(read("--annotations-prefix=a=b") == ["annotations-prefix=a=b"])
    }

    @Test("a switch takes no word behind it")
    func switches() {
        #expect(
            read("--enable-metrics", "--profiling=false", "--v", "3")
                == ["enable-metrics=true", "profiling=false", "v=3"])
    }

    @Test("a flag nobody knows takes what is no flag")
    func unknown() {
        #expect(read("--new", "x", "--newer", "--v=1") == ["new=x", "newer=true", "v=1"])
        #expect(read("--new") == ["new=true"])
        #expect(read("--configmap") == ["configmap="])
    }

    @Test("what is no flag is a stray")
    func strays() {
        #expect(NginxArguments(["a", "--v=1", "-", "b"]).strays == ["a", "-", "b"])
    }
}
