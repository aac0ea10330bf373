using Microsoft.AspNetCore.Http;
using Sluice.Edge.Pipeline;

namespace Sluice.Tests.Unit.Edge.Dialects;

/// <summary>The status of a provider that is overloaded: each dialect's clients are told the one on which they try again.</summary>
public sealed class OverloadedStatusTests
{
    [Theory]
    [InlineData("/v1/messages", 529)]
    [InlineData("/v1/chat/completions", 503)]
    [InlineData("/v1/responses", 503)]
    [InlineData("/v1/embeddings", 503)]
    [InlineData("/v1beta/models/m:generateContent", 503)]
    public async Task Only_Anthropics_clients_are_told_529(string path, int status)
    {
        var http = new DefaultHttpContext();
        http.Request.Path = path;
        await Answers.WriteErrorAsync(http, new ClientError(529, "The model's provider answered with status 529.", "upstream_error"));
        Assert.Equal(status, http.Response.StatusCode);
    }
}
