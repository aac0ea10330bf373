using Microsoft.Playwright;
using Sluice.Tests.Processes;

[assembly: AssemblyFixture(typeof(Sluice.Tests.Console.ConsoleBrowser))]

namespace Sluice.Tests.Console;

/// <summary>One gateway and one Chromium for all tests of the console; each test signs in for itself, and works with names of its own.</summary>
public sealed class ConsoleBrowser : IAsyncLifetime
{
    private const float StepBound = 20_000;
    private const int MostTries = 5;

    private static readonly string? Chromium = new[] { "chromium", "chromium-browser", "google-chrome" }
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>Whether pictures are to be taken. Read before a gateway clears such names from the environment.</summary>
    public static bool TakesPictures { get; } = Environment.GetEnvironmentVariable("SLUICE_WRITE_PICTURES") is "1";

    private IdentityProvider? _provider;
    private Gateway? _gateway;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public Gateway Gateway => _gateway!;

    /// <summary>By whom operators sign in beside keys.</summary>
    public IdentityProvider Provider => _provider!;

    public async ValueTask InitializeAsync()
    {
        _ = TakesPictures;
        if (Chromium is null)
        {
            return;
        }

        _provider = await IdentityProvider.StartAsync();
        _gateway = await Gateway.StartAsync(_provider.Settings);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = ["--disable-dev-shm-usage"] });
    }

    /// <summary>Skips the test where there is no browser.</summary>
    public static void Require() => Assert.SkipWhen(Chromium is null, "Chromium is not on this machine (Debian's package chromium; ./test installs it where it is root)");

    /// <summary>A window in which nobody is signed in.</summary>
    public async Task<IPage> OpenAsync(bool isPhone = false, bool isDark = false, Gateway? own = null)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = (own ?? Gateway).Sluice.Admin.AbsoluteUri,
            ViewportSize = isPhone ? new ViewportSize { Width = 390, Height = 844 } : new ViewportSize { Width = 1280, Height = 900 },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(StepBound);
        return await context.NewPageAsync();
    }

    /// <summary>A window in which the holder of a key is signed in, at the overview.</summary>
    public async Task<IPage> SignInAsync(string? key = null, bool isPhone = false, bool isDark = false, Gateway? own = null)
    {
        var page = await OpenAsync(isPhone, isDark, own);
        await page.GotoAsync("/console/");
        await page.GetByLabel("Admin key").FillAsync(key ?? (own ?? Gateway).AdminKey);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();
        return page;
    }

    /// <summary>Publishes what a page shows, as often as another test's change comes between what was checked and its publish.</summary>
    public static async Task PublishAsync(IPage page, string check)
    {
        var done = page.GetByLabel("The publish").GetByText("is active");
        for (var tries = 0; tries < MostTries; tries++)
        {
            await page.GetByRole(AriaRole.Button, new() { Name = check, Exact = true }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Publish", Exact = true }).ClickAsync();
            await done.Or(page.GetByText("Another change came first")).First.WaitForAsync();
            if (await done.CountAsync() > 0)
            {
                return;
            }
        }

        Assert.Fail($"Other changes came first {MostTries} times.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        if (_provider is not null)
        {
            await _provider.DisposeAsync();
        }
    }
}
