import Model
import Testing

@testable import Controller

@Suite("Values of FastCGI parameters")
struct FastCGITemplateTests {
    private func pieces(_ text: String) -> [FastCGI.Piece]? {
        FastCGITemplate(text)?.pieces(TemplateNames(namespace: "shop", ingress: "web"))
    }

    private func text(_ text: String) -> FastCGI.Piece { .format(FormatString([.text(Array(text.utf8))])) }

    @Test("texts, and variables that only FastCGI knows")
    func own() {
        #expect(pieces("") == [])
        #expect(pieces("/srv/index.php") == [text("/srv/index.php")])
        #expect(pieces("/srv$fastcgi_script_name") == [text("/srv"), .variable(.scriptName)])
        #expect(pieces("${fastcgi_script_name}x") == [.variable(.scriptName), text("x")])
        #expect(
            pieces("$document_root$fastcgi_script_name") == [text("/etc/nginx/html"), .variable(.scriptName)])
        #expect(pieces("$fastcgi_path_info") == [])
        #expect(pieces("$args$https") == [.variable(.query), .variable(.https)])
    }

    @Test("every variable of nginx's fastcgi_params is known")
    func file() {
        let names = [
            "query_string", "request_method", "content_type", "content_length", "fastcgi_script_name",
            "request_uri",
            "document_uri", "document_root", "server_protocol", "scheme", "https", "nginx_version",
            "remote_addr",
            "remote_port", "server_addr", "server_port", "server_name", "host", "http_x_a", "remote_user",
            "arg_a",
            "cookie_b", "uri",
        ]
        for name in names { #expect(pieces("$\(name)") != nil, "\(name)") }
    }

    @Test("variables of the Ingress, but none of its Services: a backend is shared by its paths")
    func ingress() {
        #expect(
            pieces("$namespace/$ingress_name")
                == [.format(FormatString(["shop", "/", "web"].map { .text(Array($0.utf8)) }))])
        #expect(pieces("$service_name") == nil && pieces("${service_port}") == nil)
    }

    @Test(
        "what is not known, or no text, is nothing",
        arguments: ["$nothing", "$", "${host", "a\nb", "$fastcgi_index"])
    func unknown(value: String) { #expect(FastCGITemplate(value) == nil) }
}
