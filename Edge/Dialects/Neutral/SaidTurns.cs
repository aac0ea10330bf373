namespace Sluice.Edge.Dialects.Neutral;

/// <summary>Turns as dialects want them that keep the system's words apart from those of a user and an assistant who speak by turns.</summary>
internal static class SaidTurns
{
    /// <summary>The system's words, which must be text; empty ones are left out.</summary>
    /// <param name="turns">All that was said.</param>
    /// <param name="dialect">Whose, for errors: as <c>Anthropic's dialect</c>.</param>
    /// <param name="losses">Takes what is left out.</param>
    /// <exception cref="DialectFaultException">One is not text.</exception>
    public static List<TextPart> SystemOf(List<Turn> turns, string dialect, Losses losses)
    {
        var words = new List<TextPart>();
        var isLater = false;
        foreach (var turn in turns)
        {
            if (turn.Role is not Role.System)
            {
                isLater = true;
                continue;
            }

            LoseName(turn, dialect, losses);
            foreach (var part in turn.Parts)
            {
                if (part is not TextPart text)
                {
                    throw new DialectFaultException($"{dialect} takes only text for the system.", part.Origin);
                }

                if (text.Text.HasText)
                {
                    if (isLater)
                    {
                        losses.Add(text.Origin, $"{dialect} has the system's words only before all others, moved there");
                    }

                    words.Add(text);
                }
            }
        }

        return words;
    }

    /// <summary>What the others said: all of one role that follows each other at once, without texts that have no letter.</summary>
    public static IEnumerable<(Role Role, List<ContentPart> Parts)> Merged(List<Turn> turns, string dialect, Losses losses)
    {
        for (var i = 0; i < turns.Count;)
        {
            var role = turns[i].Role;
            if (role is Role.System)
            {
                i++;
                continue;
            }

            var parts = new List<ContentPart>();
            for (; i < turns.Count && (turns[i].Role == role || turns[i].Role is Role.System); i++)
            {
                if (turns[i].Role == role)
                {
                    LoseName(turns[i], dialect, losses);
                    parts.AddRange(turns[i].Parts);
                }
            }

            parts.RemoveAll(static p => p is TextPart { Text.HasText: false } or RefusalPart { Text.HasText: false });
            yield return (role, parts);
        }
    }

    private static void LoseName(Turn turn, string dialect, Losses losses) => losses.Add(turn.Name, $"{dialect} has no names of who speaks");
}
