using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;

namespace Sluice.Storage.Azure;

/// <summary>A storage account and the way to prove who we are: a connection string, or the service's addresses and a token credential.</summary>
public sealed class AzureAccount
{
    private const string BlobHost = ".blob.";

    private readonly string? _connectionString;
    private readonly Uri? _tables;
    private readonly Uri? _blobs;
    private readonly TokenCredential? _credential;

    private AzureAccount(string? connectionString, Uri? tables, Uri? blobs, TokenCredential? credential) =>
        (_connectionString, _tables, _blobs, _credential) = (connectionString, tables, blobs, credential);

    /// <summary>
    /// The account of a connection string; <c>UseDevelopmentStorage=true</c> is Azurite on its usual ports. Or the address of its blobs, such as
    /// https://account.blob.core.windows.net: then the tables are beside them, and the process proves itself with <see cref="DefaultAzureCredential"/>.
    /// </summary>
    /// <exception cref="FormatException">It is neither. The message does not repeat it, for it may hold a key.</exception>
    public static AzureAccount Parse(string connectionString)
    {
        if (Uri.TryCreate(connectionString, UriKind.Absolute, out var blobs) && string.Equals(blobs.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal))
        {
            return blobs.Host.Contains(BlobHost, StringComparison.Ordinal)
                ? At(new UriBuilder(blobs) { Host = blobs.Host.Replace(BlobHost, ".table.", StringComparison.Ordinal) }.Uri, blobs)
                : throw new FormatException("the address of an account's blobs is like https://account.blob.core.windows.net");
        }

        var account = new AzureAccount(connectionString, tables: null, blobs: null, credential: null);
        try
        {
            account.Tables(new TableClientOptions());
            account.Blobs(new BlobClientOptions());
            return account;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
#pragma warning disable MA0054 // The inner message may quote the connection string.
            throw new FormatException("it is no connection string of Azure Storage with a table and a blob endpoint, and no https:// address");
#pragma warning restore MA0054
        }
    }

    /// <summary>The account at these addresses.</summary>
    /// <param name="tables">Such as https://account.table.core.windows.net.</param>
    /// <param name="blobs">Such as https://account.blob.core.windows.net.</param>
    /// <param name="credential">Null: <see cref="DefaultAzureCredential"/>, which takes a workload's or a managed identity, or a developer's login.</param>
    public static AzureAccount At(Uri tables, Uri blobs, TokenCredential? credential = null) =>
        new(connectionString: null, tables, blobs, credential ?? new DefaultAzureCredential());

    /// <summary>A client of the account's tables.</summary>
    public TableServiceClient Tables(TableClientOptions options) =>
        _connectionString is null ? new TableServiceClient(_tables, _credential, options) : new TableServiceClient(_connectionString, options);

    /// <summary>A client of the account's blobs.</summary>
    public BlobServiceClient Blobs(BlobClientOptions options) =>
        _connectionString is null ? new BlobServiceClient(_blobs, _credential, options) : new BlobServiceClient(_connectionString, options);

    /// <summary>Names the place without a secret.</summary>
    public override string ToString() => _tables?.Host ?? "the account of a connection string";
}
