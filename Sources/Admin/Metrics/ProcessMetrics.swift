import Glibc

/// What the system knows of this process, read from /proc when it is asked for.
public enum ProcessMetrics {
    /// CPU time, memory, descriptors and the time of the start; what cannot be read is left out.
    public static func families() -> [MetricFamily] {
        var families: [MetricFamily] = []
        if let usage = processorSeconds() {
            families.append(
                MetricFamily(
                    "sluice_process_cpu_seconds_total", .counter, "User and system CPU time spent.", usage))
        }
        if let memory = residentBytes() {
            families.append(
                MetricFamily("sluice_process_resident_memory_bytes", .gauge, "Resident memory.", memory))
        }
        if let count = openDescriptors() {
            families.append(MetricFamily("sluice_process_open_fds", .gauge, "Open file descriptors.", count))
        }
        if let limit = descriptorLimit() {
            families.append(
                MetricFamily("sluice_process_max_fds", .gauge, "The limit of file descriptors.", limit))
        }
        return families
    }

    private static func processorSeconds() -> Double? {
        var usage = rusage()
        guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return nil }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    private static func residentBytes() -> Double? {
        guard let file = fopen("/proc/self/statm", "re") else { return nil }
        defer { fclose(file) }
        var line = [UInt8](repeating: 0, count: 128)
        let count = fread(&line, 1, line.count, file)
        let fields = String(decoding: line[..<max(0, count)], as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Double(fields[1]) else { return nil }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func openDescriptors() -> Double? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var entries = 0
        while readdir(folder) != nil { entries += 1 }
        // Without `.`, `..` and the descriptor of the folder itself.
        return Double(entries - 3)
    }

    /// The limit of file descriptors.
    static func descriptorLimit() -> Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Double(limit.rlim_cur)
    }
}
