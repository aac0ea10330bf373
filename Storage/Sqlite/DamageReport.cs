using Microsoft.Data.Sqlite;

namespace Sluice.Storage.Sqlite;

/// <summary>Says of a file that cannot be used what is wrong with it and what to do. Nothing is ever mended or made anew by itself.</summary>
internal static class DamageReport
{
    private const string Remedy = "Nothing was changed. Restore a backup, or name another file.";

    /// <summary>One sentence for people on what SQLite said of a file.</summary>
    public static string Explain(string path, SqliteException failure) => failure.SqliteErrorCode switch
    {
        5 => $"'{path}' is locked by another program. End that program, or name another file.",
        8 => $"'{path}' or its folder cannot be written (SQLite: {failure.Message}). Give this user write access to the file, its folder and '{path}-wal'.",
        10 => $"'{path}' cannot be read or written: the disk failed (SQLite: {failure.Message}). Look at the disk; if the file is damaged, restore a backup.",
        11 => $"'{path}' is damaged (SQLite: {failure.Message}). {Remedy}",
        13 => $"'{path}' cannot be opened: the disk is full. Make room and start again.",
        14 => $"'{path}' cannot be opened. Give this user read and write access to the file and its folder.",
        26 => $"'{path}' is not a SQLite database, or its first page was overwritten. {Remedy}",
        _ => $"'{path}' cannot be used (SQLite: {failure.Message}). {Remedy}",
    };

    /// <summary>What a failed write of a file in use means to its caller.</summary>
    public static StorageRefusedException Refuse(string path, SqliteException failure) => failure.SqliteErrorCode switch
    {
        13 => new($"The disk of '{path}' is full: nothing was written. Make room; no restart is needed.") { IsFull = true },
        5 => new($"Other processes kept '{path}' locked for too long: nothing was written."),
        _ => new($"'{path}' failed (SQLite: {failure.Message}): whether it was written shows when the state is read again."),
    };
}
