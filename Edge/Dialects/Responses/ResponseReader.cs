using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Responses;

/// <summary>Reads a response. Fields: https://platform.openai.com/docs/api-reference/responses/object.</summary>
internal static class ResponseReader
{
    /// <summary>Reads it.</summary>
    public static Answer Read(Json body)
    {
        var response = ResponseFields.Of(body);
        if (response.Error.IsObject)
        {
            throw new DialectFaultException($"It is an error: {ChatFailures.Read(502, response.Error).Message}", "error");
        }

        if (!response.Output.IsList)
        {
            throw new DialectFaultException("'output' is missing.", "output");
        }

        var candidate = new Candidate();
        ResponseItemReader.ReadOutput(response.Output, candidate.Parts);
        candidate.Stop = response.Stop(candidate.Parts.Exists(static p => p is ToolCallPart));
        return new Answer
        {
            Id = response.Id,
            Model = response.Model,
            Created = response.Created,
            ServiceTier = response.ServiceTier,
            Usage = response.Usage.IsNothing ? null : TokenUsage.Read(response.Usage.Span),
            Candidates = { candidate },
        };
    }
}

/// <summary>The fields of a response that are looked at, whole or in an event of its stream.</summary>
internal struct ResponseFields
{
    public Json Id;
    public Json Model;
    public Json Created;
    public Json ServiceTier;
    public Json Output;
    public Json Usage;
    public Json Error;
    private Json _status;
    private Json _reason;

    /// <summary>Reads them.</summary>
    public static ResponseFields Of(Json response)
    {
        var read = default(ResponseFields);
        var fields = response.Fields();
        while (fields.Next())
        {
            var value = fields.Value;
            switch (fields.NameText)
            {
                case "id":
                    read.Id = value.IsString ? value : default;
                    break;
                case "model":
                    read.Model = value.IsString ? value : default;
                    break;
                case "created_at":
                    read.Created = value.IsNumber ? Json.Of((long)(value.Value() ?? 0)) : default;
                    break;
                case "service_tier":
                    read.ServiceTier = value.IsString ? value : default;
                    break;
                case "status":
                    read._status = value;
                    break;
                case "incomplete_details":
                    read._reason = ReasonOf(value);
                    break;
                case "output":
                    read.Output = value;
                    break;
                case "usage":
                    read.Usage = value.IsObject ? value : default;
                    break;
                case "error":
                    read.Error = value;
                    break;
            }
        }

        return read;
    }

    /// <summary>Why it ended.</summary>
    public readonly StopReason Stop(bool hasCalls) => _reason.Is("max_output_tokens"u8) || _reason.Is("max_tokens"u8) ? StopReason.Length
        : _reason.Is("content_filter"u8) ? StopReason.Filtered
        : _status.Is("incomplete"u8) ? StopReason.Length
        : hasCalls ? StopReason.Tools
        : StopReason.End;

    private static Json ReasonOf(Json details)
    {
        var fields = details.IsObject ? details.Fields() : default;
        while (fields.Next())
        {
            if (fields.Is("reason"u8))
            {
                return fields.Value;
            }
        }

        return default;
    }
}
