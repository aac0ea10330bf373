using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Identity;
using Sluice.Edge.Kept;
using Sluice.Edge.Pipeline;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Deferred;

/// <summary>
/// What a batch's file asks for, line by line: each request is checked, bounded and written as its provider reads it, under the provider's name of the model, with a cap of the answer where a
/// budget needs one, and with the provider's ids of what it keeps. The same lines give the same bytes.
/// </summary>
/// <param name="scope">Who asks, and for what.</param>
internal sealed class BatchRequests(BatchScope scope)
{
    /// <summary>The most requests of a batch, as OpenAI has it.</summary>
    public const int Most = 50_000;

    /// <summary>The most bytes of a request.</summary>
    public const int LongestLine = 8 * 1024 * 1024;

    private byte[] _name = [];
    private long _lines;

    /// <summary>The most that they can use.</summary>
    public BatchBound Bound { get; } = new();

    /// <summary>Of what is sent, with the ends of lines.</summary>
    public long Length { get; private set; }

    /// <summary>The model that they are for; null: there was no line yet.</summary>
    public CompiledModel? Model { get; private set; }

    /// <summary>Who serves it; set with <see cref="Model"/>.</summary>
    public CompiledTarget? Target { get; private set; }

    /// <summary>Reads a line.</summary>
    /// <param name="line">Without its end.</param>
    /// <param name="isTooLong">Whether there was more of it.</param>
    /// <param name="sent">What the provider is to read, with its end; empty: an empty line.</param>
    public ClientError? Take(ReadOnlyMemory<byte> line, bool isTooLong, out ReadOnlyMemory<byte> sent)
    {
        sent = default;
        _lines++;
        if (isTooLong)
        {
            return Wrong(string.Create(CultureInfo.InvariantCulture, $"it has more than {LongestLine} bytes."));
        }

        if (line.Span.Trim(" \t\r"u8).IsEmpty)
        {
            return null;
        }

        if (Bound.Requests == Most)
        {
            return Wrong(string.Create(CultureInfo.InvariantCulture, $"a batch has at most {Most} requests."));
        }

        if (BatchLine.Read(line.Span) is not { } read)
        {
            return Wrong("""it must be an object such as {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {…}}.""");
        }

        if (!string.Equals(read.Url, scope.Endpoint, StringComparison.Ordinal))
        {
            return Wrong($"'url' must be the batch's 'endpoint', {scope.Endpoint}.");
        }

        var (body, previous, error) = Open(line.Slice(read.Body.Start, read.Body.Length));
        var scan = scope.Scan(body.Span, out var fault);
        error ??= fault is null ? null : Wrong(fault.Message);
        error ??= scan.Stream || scan.IsBackground ? Wrong("'stream' and 'background' are not for requests of a batch.")
            : scan.PreviousResponse is { } named && !string.Equals(named, previous, StringComparison.Ordinal) ? Wrong(KeptArrivals.NoPrevious().Message)
            : Match(scan.ModelIn(body.Span));
        if (error is not null)
        {
            return error;
        }

        if (scope.Binds(Model!) && Model!.Resource.ContextTokens is null && scan.Input.UnboundPlace is { } place)
        {
            return Wrong($"'{place}' has a number of tokens that cannot be known before it is sent, and a limit or budget of tokens or money binds this key. Have 'contextTokens' declared for the model.");
        }

        sent = Write(line, read.Body, body, scan);
        Length += sent.Length;
        Count(scan, Math.Max(body.Length, sent.Length - line.Length + body.Length));
        return null;
    }

    private ReadOnlyMemory<byte> Write(ReadOnlyMemory<byte> line, Part at, ReadOnlyMemory<byte> body, in RequestScan scan)
    {
        var edits = new BodyEdits(body.Span);
        edits.SetModel(scan, Target!.ModelUtf8Json);
        if (!scope.OnlyReads && scan.MaxTokens is null && scope.Binds(Model!))
        {
            edits.BoundAnswer(scan, Model!.Resource.MaxOutputTokens);
        }

        var edited = edits.Apply(out var length);
        var sent = new ArrayBufferWriter<byte>(line.Length + 256);
        sent.Write(line.Span[..at.Start]);
        sent.Write(edited is null ? body.Span : edited.AsSpan(0, length));
        sent.Write(line.Span[(at.Start + at.Length)..].TrimEnd("\r"u8));
        sent.Write("\n"u8);
        if (edited is not null)
        {
            ArrayPool<byte>.Shared.Return(edited);
        }

        return sent.WrittenMemory;
    }

    private void Count(in RequestScan scan, long bytes)
    {
        var (model, target) = (Model!.Resource, Target!);
        var proven = TokenBounds.OfText(bytes - scan.Input.FileExcess) + DialectTable.Of(target.Provider.Dialect).AddedTokens + (scan.Input.Images * InputCount.DearestImage(target.Images));
        var input = TokenBounds.Input(model, proven, scan.Input.UnboundPlace is null);
        var output = scope.OnlyReads ? 0 : TokenBounds.Output(model, scan.MaxTokens, scan.Answers);
        Bound.Add(input, output, scope.PriceOf(target) is { } price ? Costs.Worst(price, input, output, scan.Kinds, scope.MarkUpOf(target), isBatch: true) : 0);
    }

    // All of a file are for one model, as OpenAI has it, and so for one provider, which has the file.
    private ClientError? Match(ReadOnlySpan<byte> token)
    {
        if (Model is not null)
        {
            return token.SequenceEqual(_name) ? null : Wrong($"all requests of a batch must be for one model, and the first is for '{Model.Resource.Name}'.");
        }

        string name;
        try
        {
            name = JsonSerializer.Deserialize<string>(token)!;
        }
        catch (JsonException)
        {
            return Wrong("'model' is no text.");
        }

        if (ModelNames.Find(scope.Revision.Plan, name, scope.Caller.Identity.Models) is not { Model: { } model, IsShaped: false } || !scope.Caller.MayCall(model))
        {
            return Wrong(ModelMatching.Unknown(name.Length > 128 ? $"{name[..128]}…" : name).Message);
        }

        if (model.Targets.FirstOrDefault(t => string.Equals(t.Provider.Name, scope.Provider, StringComparison.Ordinal)) is not { } target)
        {
            return Wrong($"the file is with the provider '{scope.Provider}', which serves no target of the model '{name}'. Upload it with 'sluice-model: {name}'.");
        }

        (Model, Target, _name) = (model, target, token.ToArray());
        return null;
    }

    // The provider's ids of what it keeps, in the place of the tenant's.
    private (ReadOnlyMemory<byte> Body, string? Previous, ClientError? Error) Open(ReadOnlyMemory<byte> body)
    {
        if (!KeptReferences.MayBeIn(body.Span) || KeptReferences.Find(body.Span) is not { IsEmpty: false } references)
        {
            return (body, null, null);
        }

        var places = new List<KeptPlace>(references.Length);
        string? previous = null;
        foreach (var reference in references)
        {
            if (scope.Ids.Open(reference.Beginning, reference.Id) is not { } place || !scope.Caller.MayUse(place.Model) || !string.Equals(place.Provider, scope.Provider, StringComparison.Ordinal))
            {
                return (body, null, Wrong($"'{reference.Field}' names nothing that the provider '{scope.Provider}' keeps for you."));
            }

            places.Add(place);
            previous = reference.IsResponse ? place.Id : previous;
        }

        return (KeptReferences.Replace(body.Span, references, places), previous, null);
    }

    private ClientError Wrong(string why) => new(400, string.Create(CultureInfo.InvariantCulture, $"Line {_lines} of the file: {why}"), "invalid_request", "input_file_id");
}

/// <summary>Who asks for a batch, and for what.</summary>
/// <param name="revision">Under which.</param>
/// <param name="caller">Who asks.</param>
/// <param name="ids">The tenant's.</param>
/// <param name="provider">Who has the file.</param>
/// <param name="endpoint">The path that all requests are for.</param>
/// <param name="binds">Whether answers of a model must be bounded.</param>
/// <param name="now">By when it is priced.</param>
internal sealed class BatchScope(Configuration.EdgeRevision revision, Caller caller, TenantIds ids, string provider, string endpoint, Func<CompiledModel, bool> binds, DateTimeOffset now)
{
    /// <summary>The path that all requests are for.</summary>
    public string Endpoint => endpoint;

    /// <summary>Whether they are for what has no output: embeddings and moderations.</summary>
    public bool OnlyReads => endpoint is BatchOrder.Embeddings or BatchOrder.Moderations;

    /// <summary>What is to be known of a request. Throws nothing.</summary>
    public RequestScan Scan(ReadOnlySpan<byte> body, out RequestFault? fault) => Scan(endpoint, body, out fault);

    /// <summary>What is to be known of a request for an endpoint. Throws nothing.</summary>
    public static RequestScan Scan(string? endpoint, ReadOnlySpan<byte> body, out RequestFault? fault) => endpoint switch
    {
        BatchOrder.Moderations => PassedScan.Read(ModelOperation.Moderations, body, out fault),
        BatchOrder.Completions => CompletionScan.Read(body, out fault),
        _ => RequestScan.Read(body, endpoint switch { BatchOrder.Embeddings => InputField.Input, BatchOrder.Responses => InputField.Items, _ => InputField.Messages }, out fault),
    };

    /// <summary>Under which.</summary>
    public Configuration.EdgeRevision Revision => revision;

    /// <summary>Who asks.</summary>
    public Caller Caller => caller;

    /// <summary>The tenant's.</summary>
    public TenantIds Ids => ids;

    /// <summary>Who has the file.</summary>
    public string Provider => provider;

    /// <summary>Whether answers of a model must be bounded.</summary>
    public bool Binds(CompiledModel model) => binds(model);

    /// <summary>The price of a target; null: none.</summary>
    public Price? PriceOf(CompiledTarget target) => target.Prices?.At(now);

    /// <summary>What is added to it, in parts per million.</summary>
    public int MarkUpOf(CompiledTarget target) => target.Prices?.MarkUpOf(caller.Identity.Tenant) ?? 0;
}
