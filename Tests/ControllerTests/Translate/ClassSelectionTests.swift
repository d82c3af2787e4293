import Kubernetes
import Testing

@testable import Controller

@Suite struct ClassSelectionTests {
    private func selects(
        field: String? = nil, annotation: String? = nil, classes: [IngressClass] = [ingressClass()],
        _ change: (inout TranslationSettings) -> Void = { _ in }
    ) -> Bool {
        var settings = TranslationSettings()
        change(&settings)
        var object = ingress("a", className: field)
        object.meta.annotations["kubernetes.io/ingress.class"] = annotation
        let byName = Dictionary(classes.map { ($0.meta.name, $0) }) { first, _ in first }
        return ClassSelection(settings: settings, classes: byName).selects(object)
    }

    @Test("the class's controller decides, not its name")
    func controller() {
        #expect(selects(field: "sluice"))
        #expect(selects(field: "edge", classes: [ingressClass("edge")]))
        #expect(!selects(field: "sluice", classes: [ingressClass(controller: "example.com/other")]))
        #expect(!selects(field: "sluice", classes: []))
    }

    @Test("by its name alone only if that was asked for, and of that name")
    func byName() {
        let foreign = [
            ingressClass(controller: "example.com/other"),
            ingressClass("edge", controller: "example.com/other"),
        ]
        #expect(!selects(field: "sluice", classes: foreign))
        #expect(selects(field: "sluice", classes: foreign) { $0.matchesClassByName = true })
        #expect(selects(annotation: "sluice", classes: foreign) { $0.matchesClassByName = true })
        #expect(!selects(field: "edge", classes: foreign) { $0.matchesClassByName = true })
    }

    @Test("an Ingress with a default backend is nobody's where those are switched off")
    func catchAll() {
        var settings = TranslationSettings()
        var object = ingress("a", className: "sluice")
        let classes = ["sluice": ingressClass()]
        settings.allowsCatchAll = false
        #expect(ClassSelection(settings: settings, classes: classes).selects(object))
        object.defaultBackend = .service(name: "web", port: .number(80))
        #expect(!ClassSelection(settings: settings, classes: classes).selects(object))
        #expect(ClassSelection(settings: settings, classes: classes).refuses(object))
        object.className = "other"
        #expect(!ClassSelection(settings: settings, classes: classes).refuses(object))
        settings.allowsCatchAll = true
        object.className = "sluice"
        #expect(ClassSelection(settings: settings, classes: classes).selects(object))
    }

    @Test("another controller name selects other classes")
    func controllerName() {
        let classes = [ingressClass(), ingressClass("edge", controller: "example.com/edge")]
        #expect(selects(field: "edge", classes: classes) { $0.controllerName = "example.com/edge" })
        #expect(!selects(field: "sluice", classes: classes) { $0.controllerName = "example.com/edge" })
    }

    @Test("the legacy annotation needs no class, but a foreign class of that name takes it away")
    func annotation() {
        #expect(selects(annotation: "sluice", classes: []))
        #expect(selects(annotation: "edge", classes: [ingressClass("edge")]))
        #expect(!selects(annotation: "nginx", classes: []))
        #expect(!selects(annotation: "sluice", classes: [ingressClass(controller: "example.com/other")]))
        #expect(selects(annotation: "inner", classes: []) { $0.className = "inner" })
    }

    @Test("the field wins over the annotation")
    func fieldWins() {
        #expect(selects(field: "sluice", annotation: "nginx"))
        #expect(!selects(field: "nginx", annotation: "sluice"))
    }

    @Test("without a class an Ingress is ours only if the flag says so; an empty name is none")
    func classless() {
        #expect(!selects())
        #expect(selects { $0.watchesClassless = true })
        #expect(selects(field: "", annotation: "") { $0.watchesClassless = true })
        #expect(!selects(field: "nginx") { $0.watchesClassless = true })
    }

    @Test("in folders the name alone is enough, unless a class of that name is foreign")
    func folders() {
        #expect(selects(field: "sluice", classes: []) { $0 = $0.forFolders })
        #expect(selects(classes: []) { $0 = $0.forFolders })
        #expect(!selects(field: "nginx", classes: []) { $0 = $0.forFolders })
        #expect(
            !selects(field: "sluice", classes: [ingressClass(controller: "example.com/other")]) {
                $0 = $0.forFolders
            })
    }
}
