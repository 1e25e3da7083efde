import { Component, OnInit, signal } from '@angular/core';

@Component({
  selector: 'app-root',
  template: '<output id="prediction">{{ prediction() }}</output>',
})
export class App implements OnInit {
  protected readonly prediction = signal('');

  async ngOnInit() {
    const { predict } = await import('../predict');
    await predict((prediction) => this.prediction.set(prediction));
  }
}
