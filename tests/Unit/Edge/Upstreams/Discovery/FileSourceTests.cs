using Sluice.Edge.Upstreams.Discovery;
using Sluice.Revisions.Resources;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Edge.Upstreams.Discovery;

public sealed class FileSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_list_is_read_and_read_again_where_it_changes()
    {
        Write("- http://10.0.0.1:8080\n- { address: http://10.0.0.2:8080/v2, weight: 3 }\n");
        await using var found = new FoundBy(Source());
        await found.TellsAsync("http://10.0.0.1:8080/, http://10.0.0.2:8080/v2 x3");

        Write("[\"http://10.0.0.3\"]");
        await found.TellsAsync("http://10.0.0.3/");

        Write("[]");
        await found.TellsAsync("");
    }

    [Theory]
    [InlineData("addresses: [http://a]", "the file must be one list of addresses")]
    [InlineData("- http://a\n- ftp://password@b", "the file addresses[1] is no address such as http://10.0.0.2:8080, or stands there twice, or its weight is not 1 to 1000")]
    [InlineData("- { address: http://a, weight: 0 }", "the file addresses[0].weight is no address such as http://10.0.0.2:8080, or stands there twice, or its weight is not 1 to 1000")]
    [InlineData("- 'http://a", "the file is no YAML: line 1")]
    public async Task A_wrong_file_is_told_of_without_what_stands_there(string text, string expected)
    {
        Write(text);

        await using var found = new FoundBy(Source());

        await found.EndsAsync();
        Assert.Equal(expected, found.Failure);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_told_of()
    {
        await using var missing = new FoundBy(Source());
        await using var nowhere = new FoundBy(new FileSource(new FileDiscovery("orders.yaml"), null, TimeProvider.System));

        await missing.EndsAsync();
        await nowhere.EndsAsync();

        Assert.Equal(("the file cannot be read: FileNotFoundException", "this edge's settings name no folder for such files: Edge:Discovery"), (missing.Failure, nowhere.Failure));
    }

    private FileSource Source() => new(new FileDiscovery("orders.yaml"), _folder.Path, TimeProvider.System);

    private void Write(string text)
    {
        // Written beside it and moved in, as who changes it should.
        var path = Path.Combine(_folder.Path, "orders.yaml");
        File.WriteAllText($"{path}.new", text);
        File.Move($"{path}.new", path, overwrite: true);
    }
}
