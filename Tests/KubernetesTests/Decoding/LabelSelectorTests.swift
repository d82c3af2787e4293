import Kubernetes
import Testing

@Suite struct LabelSelectorTests {
    @Test(
        "what the API takes is taken as it stands",
        arguments: [
            "team=shop", "team==shop", "team!=shop", "team", "!team", " team = shop , env ", "team=",
            "env in (prod,stage)", "env notin (prod, stage ),team=shop", "env in ( )",
            "example.com/team=a.b_c-d",
            "kubernetes.io/metadata.name in (shop,web),!example.com/hidden", "size>3", "size < -1",
        ])
    func taken(text: String) { #expect(LabelSelector(text)?.text == text) }

    @Test(
        "what selects nothing or has a slip is none",
        arguments: [
            "", " ", ",", "team=shop,", "=shop", "team=a b", "team=-a", "team=a-", "team shop", "!", "!=a",
            "env in prod", "env in (prod", "env in prod)", "env within (prod)", "env in ((prod))",
            "env in (a b)",
            "a/b/c=d", "/team=a", "Example.com/team=a", "-a.b/team=c", "team=shöp", "size>big", "team=a=b",
            String(repeating: "a", count: 64) + "=b", "a=" + String(repeating: "b", count: 64),
        ])
    func refused(text: String) { #expect(LabelSelector(text) == nil) }
}
