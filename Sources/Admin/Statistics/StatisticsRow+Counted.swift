extension StatisticsRow {
    /// The row of a process that does not count requests at frontends and servers, nor rates: empty where it would say 0 of what it
    /// has not counted. What backends do is always counted, but for times and for whom their servers were chosen.
    var withoutUncounted: StatisticsRow {
        var row = self
        for column in Self.ratesAndTimes + (Self.uncounted[kind] ?? []) { row[column] = nil }
        return row
    }

    private static let ratesAndTimes: [StatisticsColumn] = [
        .rate, .mostRate, .requestRate, .mostRequestRate, .connectionRate, .mostConnectionRate, .queueTime,
        .connectTime, .responseTime, .totalTime, .longestQueueTime, .longestConnectTime, .longestResponseTime,
        .longestTotalTime, .balanced,
    ]

    private static let answers: [StatisticsColumn] = [
        .bytesIn, .bytesOut, .otherAnswers, .answers1xx, .answers2xx, .answers3xx, .answers4xx, .answers5xx,
    ]

    private static let uncounted: [Kind: [StatisticsColumn]] = [
        .frontend: answers,
        .server: answers + [
            .requests, .deniedAnswers, .connectionErrors, .answerErrors, .retries, .redispatches,
            .clientAborts,
            .serverAborts, .connects, .reuses,
        ],
    ]
}
