using System.Diagnostics;
using System.Text.Json;
using Sluice.Revisions.Settings;

namespace Sluice.Tests.Unit.Settings;

public sealed class SettingsFormatsTests
{
    private static readonly JsonElement Values = JsonSerializer.Deserialize<JsonElement>("""
        {"database":{"host":"db-1","port":5432,"tls":true},"hosts":["a","b"],"none":[],"odd key":"a \"$HOME\" `id` \\ é\nnext","rate":0.50,"zero":""}
        """);

    [Fact]
    public void Properties_are_escaped_as_Java_reads_them() => Assert.Equal(
        """
        database.host=db-1
        database.port=5432
        database.tls=true
        hosts[0]=a
        hosts[1]=b
        none=
        odd\ key=a "$HOME" `id` \\ \u00e9\nnext
        rate=0.50
        zero=

        """.ReplaceLineEndings("\n"),
        SettingsFormats.Write(Values, SettingsFormat.Properties));

    [Fact]
    public void A_leading_space_of_a_property_is_kept() =>
        Assert.Equal("a=\\ \u0020x\n", SettingsFormats.Write(JsonSerializer.Deserialize<JsonElement>("""{"a":"  x"}"""), SettingsFormat.Properties));

    [Fact]
    public void Json_reads_back_as_the_same() =>
        Assert.True(JsonElement.DeepEquals(Values, JsonSerializer.Deserialize<JsonElement>(SettingsFormats.Write(Values, SettingsFormat.Json))));

    [Fact]
    public async Task Variables_come_out_of_a_shell_as_they_went_in()
    {
        Assert.SkipUnless(File.Exists("/bin/sh"), "/bin/sh is not on this machine");
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-s"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await shell.StandardInput.WriteAsync(SettingsFormats.Write(Values, SettingsFormat.Env));
        await shell.StandardInput.WriteAsync("printf '%s|%s|%s|%s|%s' \"$DATABASE__HOST\" \"$DATABASE__TLS\" \"$HOSTS__1\" \"$NONE\" \"$ODD_KEY\"\n");
        shell.StandardInput.Close();

        Assert.Equal("db-1|true|b||a \"$HOME\" `id` \\ é\nnext", await shell.StandardOutput.ReadToEndAsync());
    }

    [Fact]
    public void Two_values_that_would_have_one_name_are_refused_with_it()
    {
        var alike = JsonSerializer.Deserialize<JsonElement>("""{"a.b":1,"a-b":2}""");

        Assert.Contains("A_B", Assert.Throws<FormatException>(() => SettingsFormats.Write(alike, SettingsFormat.Env)).Message, StringComparison.Ordinal);
        Assert.Contains("a.b=1", SettingsFormats.Write(alike, SettingsFormat.Properties), StringComparison.Ordinal);
    }
}
