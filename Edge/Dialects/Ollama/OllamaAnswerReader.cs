using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Ollama;

/// <summary>Reads a whole answer; a line of a stream has the same fields.</summary>
internal static class OllamaAnswerReader
{
    /// <summary>Reads it.</summary>
    public static Answer Read(Json body)
    {
        var read = OllamaLine.Of(body);
        var candidate = new Candidate();
        if (read.Thinking.HasText)
        {
            candidate.Parts.Add(new ReasoningPart { Text = read.Thinking, Origin = read.Thinking });
        }

        if (read.Content.HasText)
        {
            candidate.Parts.Add(new TextPart { Text = read.Content, Origin = read.Content });
        }

        var calls = read.Calls.Items();
        while (calls.Next())
        {
            var call = OllamaLine.CallOf(calls.Value);
            candidate.Parts.Add(new ToolCallPart { Id = call.Id.HasText ? call.Id : ToolIds.OfAnswer(default, candidate.Parts.Count), Name = call.Name, Input = call.Arguments, Origin = calls.Value });
        }

        candidate.Stop = read.StopOf(candidate.Parts.Exists(static p => p is ToolCallPart));
        var answer = new Answer { Model = read.Model, Usage = OllamaFacts.Read(body.Span).Usage };
        answer.Candidates.Add(candidate);
        return read.HasMessage ? answer : throw new DialectFaultException("'message' is missing.", "message");
    }
}
