import CSystem
import Glibc

/// The terminal of the process, one key at a time and with a screen of its own while this lives.
final class Terminal {
    private var before = termios()

    /// Nil if stdin or stdout is none.
    init?() {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &before) == 0
        else {
            return nil
        }
        var own = before
        // Keys come at once and are not shown; Ctrl-C is a key.
        own.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &own) == 0 else { return nil }
        Output.write("\u{1B}[?1049h\u{1B}[?25l")
    }

    deinit {
        Output.write("\u{1B}[?25h\u{1B}[?1049l")
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
    }

    /// Columns and rows; the usual ones if the terminal does not say.
    var size: (columns: Int, rows: Int) {
        var (columns, rows): (Int32, Int32) = (0, 0)
        guard csystem_terminal_size(STDOUT_FILENO, &columns, &rows) == 0, columns > 0, rows > 0 else {
            return (80, 24)
        }
        return (Int(columns), Int(rows))
    }

    /// Shows lines from the top, in place of what was there.
    func show(_ lines: [String]) {
        let text = lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n")
        Output.write("\u{1B}[H\(text)\u{1B}[J")
    }

    /// Waits for keys; what came, nothing after so many milliseconds, nil if the terminal is gone.
    func keys(milliseconds: Int) -> [UInt8]? {
        var descriptors = [pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)]
        guard poll(&descriptors, 1, Int32(clamping: max(0, milliseconds))) > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        return count > 0 ? Array(bytes[..<count]) : nil
    }
}
