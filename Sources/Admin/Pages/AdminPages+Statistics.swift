import Engine
import Model
import Wire

/// Statistics as HAProxy shows them: a page at `/stats`, and what stands behind it by `;csv`, `;json` and `;typed`.
extension AdminPages {
    /// Where they are.
    private static let address = "/stats"

    /// The answer, if the request is for them. `;up` hides what is down, `;no-maint` what is in maintenance, and `?scope=TEXT` shows
    /// sections whose names hold it.
    func statistics(_ request: ControlRequest) -> ControlResponse? {
        guard request.path == Self.address || request.path.hasPrefix("\(Self.address);") else { return nil }
        let wishes = PageWishes(request.path, uri: Self.address)
        var table = StatisticsTable(statistics: source.statistics())
        table.scope.hidesDown = wishes.has("up")
        table.scope.hidesMaintenance = wishes.has("no-maint")
        if let text = request.query["scope"] { table.scope.includes = { $0.name.contains(text) } }
        if wishes.has("csv") { return .text(StatisticsText.csv(table.rows)) }
        if wishes.has("typed") { return .text(StatisticsText.typed(table.rows)) }
        if wishes.has("json") {
            return ControlResponse(200, type: "application/json", body: StatisticsText.json(table.rows))
        }
        var page = StatisticsPage()
        page.uri = Self.address
        page.showsLegends = true
        let info = source.info()
        let html = StatisticsHTML(
            table: table, page: page, version: info.version,
            uptime: UInt64(max(0, info.uptimeSeconds)), address: Self.address)
        return ControlResponse(200, type: "text/html; charset=utf-8", body: html.text)
    }
}
