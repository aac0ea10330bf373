using System.Text;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Tests.Unit.Edge.Dialects;

public sealed class CompletionScanTests
{
    [Theory]
    [InlineData("""{"model":"m","prompt":"a"}""", 16, 1)]
    [InlineData("""{"model":"m","prompt":["a","b"],"max_tokens":7,"n":2}""", 7, 4)]
    [InlineData("""{"model":"m","prompt":[1,2,3],"best_of":5,"n":2,"max_tokens":null}""", 16, 5)]
    [InlineData("""{"model":"m","prompt":[[1],[2,3]],"n":3}""", 16, 6)]
    [InlineData("""{"model":"m","prompt":"a","n":0,"max_tokens":0}""", 0, 1)]
    public void Each_prompt_has_its_answers_and_each_answer_its_tokens(string body, long most, long answers)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var scan = CompletionScan.Read(bytes, out var fault);
        Assert.Null(fault);
        Assert.Equal((most, answers, "\"m\""), (scan.MaxTokens, scan.Answers, Encoding.UTF8.GetString(scan.ModelIn(bytes))));
    }

    [Theory]
    [InlineData("[]", null)]
    [InlineData("{", null)]
    [InlineData("""{"prompt":"a"}""", "model")]
    [InlineData("""{"model":"m"}""", "prompt")]
    [InlineData("""{"model":"m","prompt":[]}""", "prompt")]
    [InlineData("""{"model":"m","prompt":{}}""", "prompt")]
    [InlineData("""{"model":7,"prompt":"a"}""", "model")]
    [InlineData("""{"model":"m","model":"n","prompt":"a"}""", "model")]
    [InlineData("""{"model":"m","prompt":"a","n":-1}""", "n")]
    [InlineData("""{"model":"m","prompt":"a","best_of":1.5}""", "best_of")]
    [InlineData("""{"model":"m","prompt":"a","max_tokens":1e30}""", "max_tokens")]
    public void What_is_wrong_is_told_by_its_field(string body, string? field)
    {
        _ = CompletionScan.Read(Encoding.UTF8.GetBytes(body), out var fault);
        Assert.Equal(field, Assert.IsType<RequestFault>(fault).Field);
    }
}
