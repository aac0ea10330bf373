using Sluice.Configuration;

namespace Sluice.Tests.Unit.Settings;

public sealed class AtomicFileTests
{
    [Fact]
    public void A_file_is_replaced_whole_with_its_mode_and_leaves_no_draft()
    {
        var folder = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        try
        {
            var path = Path.Combine(folder, "settings.json");
            AtomicFile.Write(path, "first"u8, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            AtomicFile.Write(path, "second"u8, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

            Assert.Equal("second", File.ReadAllText(path));
            Assert.Equal([path], Directory.GetFileSystemEntries(folder));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(path));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void What_cannot_be_written_leaves_what_was_there()
    {
        var folder = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        try
        {
            // A folder has the file's name: no file takes its place.
            var path = Path.Combine(folder, "settings.json");
            Directory.CreateDirectory(path);

            Assert.ThrowsAny<Exception>(() => AtomicFile.Write(path, "x"u8, UnixFileMode.UserRead));
            Assert.Equal([path], Directory.GetFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
