using Microsoft.AspNetCore.Http;
using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// Says something to the client while the provider of its stream is silent, so that what stands between does not take the connection for dead. It promises: it writes only between
/// <see cref="Begin"/> and the end of <see cref="EndAsync"/>, never beside anybody else.
/// </summary>
/// <param name="http">The request.</param>
/// <param name="word">What is said: whole lines, which mean nothing.</param>
/// <param name="after">Each time that the silence was so long.</param>
/// <param name="deadline">Of the request, which watches the time.</param>
internal sealed class StreamSilence(HttpContext http, byte[] word, TimeSpan after, Deadline deadline)
{
    private readonly Lock _gate = new();
    private bool _isSilent;
    private TaskCompletionSource? _speaking;

    /// <summary>The provider is waited for.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _isSilent = true;
            deadline.WatchSilence(this, after);
        }
    }

    /// <summary>It said something: from now on the client is somebody else's to write to.</summary>
    public ValueTask EndAsync()
    {
        lock (_gate)
        {
            _isSilent = false;
            return _speaking is null ? ValueTask.CompletedTask : new ValueTask(_speaking.Task);
        }
    }

    /// <summary>The time is over.</summary>
    public void Speak()
    {
        lock (_gate)
        {
            if (!_isSilent || _speaking is not null)
            {
                return;
            }

            _speaking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _ = SpeakAsync();
    }

    private async Task SpeakAsync()
    {
        try
        {
            await http.Response.BodyWriter.WriteAsync(word, http.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The client left, which whoever waits for the provider is told too.
        }

        lock (_gate)
        {
            var spoken = _speaking!;
            _speaking = null;
            if (_isSilent)
            {
                deadline.WatchSilence(this, after);
            }

            spoken.SetResult();
        }
    }
}
