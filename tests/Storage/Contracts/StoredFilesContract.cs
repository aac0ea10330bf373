using Sluice.Storage.Files;

namespace Sluice.Tests.Storage.Contracts;

/// <summary>What every place for files keeps.</summary>
public abstract class StoredFilesContract
{
    private readonly string _folder = $"w{Guid.NewGuid():n}/20260131";

    protected abstract IStoredFiles Files { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_written_is_read_byte_by_byte()
    {
        var content = new byte[300_000];
        new Random(7).NextBytes(content);
        await Files.WriteAsync($"{_folder}/acme/a.parquet", content, Cancellation);
        await Files.WriteAsync($"{_folder}/_public/a.parquet", new byte[] { 1 }, Cancellation);

        Assert.Equal(content, await Files.ReadAsync($"{_folder}/acme/a.parquet", Cancellation));
        Assert.Equal([1], await Files.ReadAsync($"{_folder}/_public/a.parquet", Cancellation));
    }

    [Fact]
    public async Task A_file_takes_the_place_of_one_of_its_name()
    {
        await Files.WriteAsync($"{_folder}/a", new byte[] { 1, 2, 3 }, Cancellation);
        await Files.WriteAsync($"{_folder}/a", new byte[] { 4 }, Cancellation);

        Assert.Equal([4], await Files.ReadAsync($"{_folder}/a", Cancellation));
    }

    [Fact]
    public async Task What_is_not_there_is_null_and_may_be_removed()
    {
        Assert.Null(await Files.ReadAsync($"{_folder}/never", Cancellation));
        await Files.RemoveAsync($"{_folder}/never", Cancellation);
    }

    [Fact]
    public async Task What_was_removed_is_not_there()
    {
        await Files.WriteAsync($"{_folder}/a", new byte[] { 1 }, Cancellation);

        await Files.RemoveAsync($"{_folder}/a", Cancellation);

        Assert.Null(await Files.ReadAsync($"{_folder}/a", Cancellation));
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("/a")]
    [InlineData("a//b")]
    [InlineData("a/.b")]
    [InlineData("a\\b")]
    [InlineData("")]
    public async Task A_name_that_leads_elsewhere_is_refused(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Files.WriteAsync(name, new byte[] { 1 }, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => Files.ReadAsync(name, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => Files.RemoveAsync(name, Cancellation));
    }
}
