using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Sluice.Silo.Console.Hosting;

/// <summary>
/// The console below <c>/console</c>: pages for people, with a pipeline of their own beside the admin API's. All that they know and do goes through that API, in
/// the name of the key that signed in; see docs/console.md and docs/decisions/0021-console-in-the-silo.md.
/// </summary>
internal static class ConsoleHost
{
    /// <summary>Where the console is.</summary>
    public const string Path = "/console";

    /// <summary>Adds what the silo has to have of it.</summary>
    public static IServiceCollection AddConsole(this IServiceCollection services)
    {
        services.AddSingleton<AdminPipeline>();
        return services.AddSingleton<ConsolePages>();
    }

    /// <summary>Maps the console. What is added to <paramref name="app"/> after it is what the console calls as the admin API.</summary>
    public static void MapConsole(this WebApplication app)
    {
        app.Map(Path, branch => branch.Run(app.Services.GetRequiredService<ConsolePages>().RunAsync));
        app.Use((http, next) =>
        {
            if (http.Request.Path == "/" && HttpMethods.IsGet(http.Request.Method) && http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
            {
                http.Response.Redirect($"{Path}/");
                return Task.CompletedTask;
            }

            return next(http);
        });
        app.Services.GetRequiredService<AdminPipeline>().Take(app);
    }
}
